"""Groups to export, of files that are there."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.client.canned import Canned, CannedServer
from tests.ctl.conftest import Ran, Run


class Album:
    """A watched folder, the groups that a daemon finds in it, and an export of them.

    Attributes:
        photos: the watched folder.
        out: where the export goes.
    """

    def __init__(self, simctl: Run, server: CannedServer, folder: Path) -> None:
        self.photos = folder / "photos"
        self.out = folder / "photos-sorted"
        self.server = server
        self._simctl = simctl
        self._groups: list[dict[str, Any]] = []
        self.photos.mkdir()
        server.answers["GET", "/v1/status"] = Canned({"roots": [{"path": str(self.photos)}]})
        server.answers["GET", "/v1/groups"] = lambda question: self._page(question.params.get("cursor"))

    def group(self, *contents: tuple[str, bytes], protected: tuple[str, ...] = ()) -> list[Path]:
        """Add a group of new files, the one to keep first."""
        paths = [self.photos / name for name, _ in contents]
        for path, (_, content) in zip(paths, contents, strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        members = [self._member(path, path.name in protected) for path in paths]
        number = str(len(self._groups) + 40)
        self._groups.append(
            {"id": number, "kind": "near", "members": members, "path": str(paths[0]), "reclaimable_bytes": 1}
        )
        return paths

    def cull(self, *words: str) -> Ran:
        """What simctl makes of a command with the export's folder."""
        action, *rest = words
        return self._simctl("cull", action, str(self.out), *rest)

    def export(self, *words: str) -> Ran:
        """An export that goes well."""
        ran = self.cull("export", *words)
        assert 0 == ran.code, ran.err or ran.out
        return ran

    def laid(self, path: Path) -> Path:
        """Where a file was laid."""
        (found,) = (
            self.out / str(group["folder"]) / str(file["name"])
            for group in self.info["groups"]
            for file in group["files"]
            if file["path"] == str(path)
        )
        return found

    @property
    def info(self) -> dict[str, Any]:
        """``info.json``."""
        read: dict[str, Any] = json.loads((self.out / "info.json").read_text(encoding="utf-8"))
        return read

    @property
    def to_delete(self) -> list[str]:
        """The lines of ``to_delete.txt``."""
        return (self.out / "to_delete.txt").read_text(encoding="utf-8").splitlines()

    def _page(self, cursor: str | None) -> Canned:
        """A group a page, as if there were many."""
        place = int(cursor or 0)
        more = str(place + 1) if place + 1 < len(self._groups) else None
        groups = self._groups[place : place + 1]
        return Canned({"groups": groups, "totals": {}, "next_cursor": more, "generation": 7})

    def _member(self, path: Path, protected: bool) -> dict[str, Any]:  # noqa: FBT001 - private
        content = path.read_bytes()
        found = path.stat()
        file = {
            "path": str(path),
            "bytes": found.st_size,
            "mtime": datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds"),
        }
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return {"path": str(path), "image": {"digest": digest, "files": [file]}, "protected": protected}


@pytest.fixture
def album(simctl: Run, server: CannedServer, tmp_path: Path) -> Album:
    """Two groups; the first has two files of equal bytes."""
    made = Album(simctl, server, tmp_path)
    made.group(("a.jpg", b"a"), ("copy of a.jpg", b"a"), ("small/a.jpg", b"a, but small"))
    made.group(("b.png", b"b"), ("b.jpg", b"b as well"))
    return made
