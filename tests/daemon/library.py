"""A small library of every kind of duplicate, and simctl asked about it."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from simd.imaging import drawing
from tests.daemon.running import RunningDaemon

ROTATED = Image.Transpose.ROTATE_90
CROP = (10, 7, 470, 353)


@dataclass(frozen=True)
class Library:
    """A daemon and the pictures around it.

    Attributes:
        photos: the watched folder.
        outside: a folder that is not watched.
    """

    daemon: RunningDaemon
    photos: Path
    outside: Path

    def ask(self, *words: str | Path, code: int = 0) -> str:
        """What a command prints for a person; it must end with ``code``."""
        done = self._run(*words)
        assert (code, b"") == (done.returncode, done.stderr if code in {0, 1} else b"")
        return done.stdout.decode()

    def json(self, *words: str | Path, code: int = 0, stdin: bytes = b"") -> dict[str, Any]:
        """The one JSON object that a command prints, and nothing else."""
        done = self._run("--json", *words, stdin=stdin)
        assert (code, b"") == (done.returncode, done.stderr)
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    def refusal(self, *words: str | Path, code: int) -> str:
        """What a command says on standard error when it fails; nothing on standard output."""
        done = self._run(*words)
        assert (code, b"") == (done.returncode, done.stdout)
        return done.stderr.decode()

    def found(self, *words: str | Path, stdin: bytes = b"") -> list[str]:
        """The names of the matches of a query."""
        return self.names(self.json("query", *words, stdin=stdin)["matches"])

    def groups(self, *words: str | Path) -> list[set[str]]:
        """The names of the members of each group."""
        return [set(self.names(group["members"])) for group in self.json("groups", *words)["groups"]]

    def names(self, parts: list[dict[str, Any]]) -> list[str]:
        """Paths relative to the watched folder."""
        return [self.daemon.name(part["path"]) for part in parts]

    def _run(self, *words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return self.daemon.simctl(*(str(word) for word in words), stdin=stdin)


def fill(photos: Path, outside: Path) -> None:
    """Three groups, one picture of its own, one that only transforms find, and a bad file."""
    holiday = drawing.landscape(1, 640, 480)
    drawing.save(holiday, photos / "a/holiday.jpg", quality=90)
    shutil.copyfile(photos / "a/holiday.jpg", photos / "a/holiday (1).jpg")
    drawing.save(drawing.resized(holiday, 0.5), photos / "b/small.jpg", quality=70)
    drawing.save(drawing.landscape(2, 320, 240), photos / "b/alone.jpg")
    drawing.save(drawing.landscape(3, 200, 150), photos / "ab/twin-1.png")
    shutil.copyfile(photos / "ab/twin-1.png", photos / "ab/twin-2.png")
    colours = drawing.landscape(4, 480, 360)
    drawing.save(colours, photos / "c/colours.png")
    drawing.save(Image.merge("RGB", colours.split()[::-1]), photos / "c/swapped.jpg", quality=90)
    drawing.save(colours.crop(CROP), photos / "c/cropped.jpg", quality=90)
    drawing.save(drawing.landscape(5, 320, 240), photos / "b/view.jpg", quality=90)
    (photos / "b/notes.jpg").write_text("Notes.\n")

    view = drawing.landscape(5, 320, 240)
    drawing.save(drawing.mirrored(view), outside / "mirrored.jpg", quality=80)
    drawing.save(view.transpose(ROTATED), outside / "rotated.jpg", quality=80)
    drawing.save(drawing.resized(holiday, 0.4), outside / "near.jpg", quality=80)
    shutil.copyfile(photos / "b/alone.jpg", outside / "same.jpg")
    drawing.save(drawing.landscape(99, 320, 240), outside / "new.jpg")
    (outside / "empty.jpg").touch()


HOLIDAY = {"a/holiday.jpg", "a/holiday (1).jpg", "b/small.jpg"}
TWINS = {"ab/twin-1.png", "ab/twin-2.png"}
COLOURS = {"c/colours.png", "c/swapped.jpg"}
CROPPED = {"c/colours.png", "c/swapped.jpg", "c/cropped.jpg"}
