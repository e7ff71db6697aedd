"""Real files on a disk, a catalogue that knows them, and everything that acts on them."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from simd.catalogue import Catalogue, Journal
from simd.core.actions.model import Step
from simd.core.hints import Hint
from simd.core.model import Root, Signature
from simd.core.protection import UNPROTECTED, Protection
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.core.verdicts import GivenVerdict
from simd.imaging import SUPPORTED_EXTENSIONS
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.work.actions.actions import Actions
from simd.work.actions.checking import Checking
from simd.work.actions.planning import Planning
from simd.work.actions.telling import Telling
from simd.work.groups import Groups
from simd.work.keeporders import KeepOrders
from simd.work.units import Units
from tests.fakes import FakeClock
from tests.work.samples import RECIPE, enrol, fill, pair, picture

# ruff: noqa: PTH118 - bytes are no Path

Tree = Mapping[str, tuple[bytes, int, int, int]]


class Glances:
    """In place of the closer look, which tests of its own have: doubts whatever it is told to."""

    def __init__(self) -> None:
        self.doubtful: set[bytes] = set()
        self.kept = 0

    def doubts(self, pictures: Sequence[Step], *, keep: bool) -> Mapping[Step, str]:
        """Why pictures must not give way."""
        self.kept += len(pictures) if keep else 0
        return {step: "It is doubtful." for step in pictures if step.file.path in self.doubtful}


class Library:
    """A watched folder whose files the catalogue knows.

    Attributes:
        root: the folder.
        actions: what acts on it.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, clock: FakeClock) -> None:
        self.folder = folder / "photos"
        self.folder.mkdir()
        self.root = os.fsencode(self.folder.resolve())
        self.state = folder / "journal"
        self.state.mkdir()
        self.catalogue = catalogue
        self.clock = clock
        self.glances = Glances()
        self.protection: Protection = UNPROTECTED
        self.verdicts: list[GivenVerdict] = []
        self.mailbox: Mailbox[Hint] = Mailbox(1_000)
        self.online = True
        self._images: dict[bytes, int] = {}
        found = self.folder.stat()
        self._enrolled: Root = enrol(catalogue, self.root, found.st_dev, found.st_ino)
        self.journal = Journal(self.state, clock)
        self.actions = self.start()

    def start(self) -> Actions:
        """Everything that acts, as after a start of the daemon."""
        units = Units(SkipRules(frozenset()), SUPPORTED_EXTENSIONS, lambda: [self.root])
        orders = KeepOrders((), (), lambda: self.protection)
        groups = Groups(self.catalogue, "default", order_for=orders.order_for)
        return Actions(
            self.journal,
            self.catalogue,
            Planning(groups, units.companions_of, units.beside),
            Checking(self.glances, lambda: self.protection, lambda: self.verdicts),  # type: ignore[arg-type]
            self.clock,
            Broadcast(),
            Telling(self.catalogue, self.mailbox).tell,
            lambda _: self.online,
        )

    def restart(self) -> None:
        """Open the journal anew, as a start after a crash does, and settle what had been begun."""
        self.journal.close()
        self.journal = Journal(self.state, self.clock)
        self.actions = self.start()
        self.actions.recover()

    def path(self, name: str) -> bytes:
        """Where a file is."""
        return os.path.join(self.root, os.fsencode(name))

    def write(self, name: str, content: bytes) -> bytes:
        """Lay a file that nobody knows of."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return self.path(name)

    def add(self, name: str, content: bytes, *, width: int = 640) -> int:
        """Lay a picture that the catalogue knows; the id of its image."""
        self.write(name, content)
        return self.know(name, width=width)

    def know(self, name: str, *, width: int = 640) -> int:
        """Have the catalogue know a picture that lies there; the id of its image."""
        path = self.path(name)
        content = Path(os.fsdecode(path)).read_bytes()
        digest = hashlib.sha256(content).digest()
        known = digest in self._images
        image = self._images.setdefault(digest, len(self._images) + 1)
        thumbs = picture(image)
        signature = Signature(digest, len(content), "JPEG", thumbs, None, None, RECIPE)
        images = [] if known else [(image, _wide(signature, width))]
        fill(self.catalogue, images, [(path, Stamp.of(os.lstat(path)), image)])
        return image

    def forget(self, name: str) -> None:
        """Have the catalogue forget a picture, whether or not it lies there."""
        late = self.clock.now() + timedelta(days=1)
        self.catalogue.write(lambda to: to.mark_missing([self.path(name)])).result()
        self.catalogue.write(lambda to: to.forget_missing(late)).result()

    def join(self, one: int, other: int) -> None:
        """Have two images look the same."""
        fill(self.catalogue, [], [], [pair(one, other)])

    def tree(self) -> Tree:
        """Every file in the folder but for manifests: its bytes, mode, time and inode."""
        found = {}
        for place in sorted(self.folder.rglob("*")):
            if place.is_file() and not place.is_symlink():
                seen = place.stat()
                found[str(place.relative_to(self.folder))] = (
                    place.read_bytes(), seen.st_mode, seen.st_mtime_ns, seen.st_ino,
                )  # fmt: skip
        return found

    def contents(self) -> set[bytes]:
        """What is on the disk, in quarantine or not."""
        return {content for name, (content, *_) in self.tree().items() if not name.endswith("MANIFEST.txt")}


def _wide(signature: Signature, width: int) -> Signature:
    return replace(signature, thumbs=replace(signature.thumbs, width=width))
