"""Other programs that read a folder of pictures for duplicates, as a person would run them.

Each of them decodes every picture, works out a hash of it and compares the hashes; on all cores, if it can
use them. What they would keep for the next time goes to a folder of its own, so that each run is a
first one.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.table import Skipped

CZKAWKA = """
import sys
from czkawka import ImageSimilarity
finder = ImageSimilarity()
finder.set_directories([sys.argv[1]])
finder.set_similarity(5)
finder.find_similar()
"""
"""Its bindings for Python. The threshold changes nothing about reading."""


@dataclass(frozen=True, slots=True)
class Program:
    """One of them.

    Attributes:
        name: as people know it.
        missing: why it cannot be run here; empty if it can.
        command: its words, before the folder.
        note: what a reader should know.
    """

    name: str
    missing: str
    command: Sequence[str]
    note: str = ""

    def seconds(self, folder: Path, scratch: Path) -> float:
        """How long it takes over a folder, without a past; ``scratch`` is new."""
        scratch.mkdir()
        begun = time.perf_counter()
        subprocess.run(
            [*self.command, os.fspath(folder)],
            env={**os.environ, **_homes(scratch)},
            cwd=scratch,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - begun


def programs() -> list[Program]:
    """All that simd is compared with, whether they are here or not."""
    find_dups = Path(sys.executable).with_name("find-dups")
    extra = "not installed (extra: bench)"
    hashing = (
        "--algorithm",
        "phash",
        "--parallel",
        str(os.cpu_count() or 1),
        "--on-equal",
        "none",
        "--quiet",
    )
    return [
        Program(
            "czkawka",
            "" if find_spec("czkawka") else extra,
            (sys.executable, "-c", CZKAWKA),
            "by its bindings",
        ),
        Program(
            "duplicate-images",
            "" if find_dups.exists() else extra,
            (os.fspath(find_dups), *hashing),
            "find-dups with phash",
        ),
        Program(
            "findimagedupes",
            "" if shutil.which("findimagedupes") else "not installed (Debian: findimagedupes)",
            ("findimagedupes", "--quiet", "--fingerprints=fingerprints", "--recurse"),
            "it uses one core",
        ),
    ]


def left_out() -> list[Skipped]:
    """Those that are missing here, and one that is missing everywhere."""
    return [
        *(Skipped(program.name, program.missing) for program in programs() if program.missing),
        Skipped(
            "imagededup",
            "brings PyTorch with it, some gigabytes, and hashes with Pillow as duplicate-images does",
        ),
    ]


def _homes(scratch: Path) -> Mapping[str, str]:
    return dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), os.fspath(scratch))
