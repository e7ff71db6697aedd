"""A real watcher on a real folder, and a way to know that it has nothing more to say."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from simd.core.hints import Cookie, Hint
from simd.core.skipping import SkipRules
from simd.watching.observe import Watcher

PATIENCE = 20.0
NOBODY = 65534


class Watched:
    """A watcher with one root, ``root``, and an unwatched folder beside it, ``outside``."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.outside = folder / "outside"
        self.canary = folder / "state" / "canary"
        self.skip = SkipRules(frozenset({os.fsencode(folder / "state")}))
        self._hints: Queue[Hint] = Queue()
        self.watcher = Watcher(self._hints.put, self.skip, self.canary)
        self.root.mkdir()
        self.outside.mkdir()

    def path(self, *parts: str) -> bytes:
        """A path below the root, as hints name it."""
        return os.fsencode(self.root.joinpath(*parts))

    def start(self) -> None:
        """Start, and watch the root."""
        self.watcher.start()
        self.watcher.add_root(self.path())

    def emitter(self) -> Any:
        """The library's thread of the root."""
        chain = self.watcher._chain
        assert chain is not None
        return next(one for one in chain.observer.emitters if os.fsencode(one.watch.path) == self.path())

    def hints(self) -> list[Hint]:
        """Every hint about what happened until now: rings, and waits for the cookie."""
        return self.until(Cookie(self.watcher.ring()))

    def until(self, last: Hint) -> list[Hint]:
        """Every hint before ``last``, for which it waits."""
        return list(iter(self.next_hint, last))

    def next_hint(self) -> Hint:
        """The next hint, for which it waits."""
        return self._hints.get(timeout=PATIENCE)

    def after(self, act: Callable[[], object]) -> list[Hint]:
        """The hints that an action gives, without immediate repetitions."""
        self.hints()
        act()
        found = self.hints()
        return [hint for place, hint in enumerate(found) if place == 0 or hint != found[place - 1]]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A started watcher on an empty root."""
    watched = Watched(tmp_path)
    watched.start()
    yield watched
    watched.watcher.stop()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that is worked in without the power to read everything, even when root runs the tests."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        superuser = os.geteuid() == 0
        if superuser:
            os.chown(folder, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if superuser:
                os.seteuid(0)
            for path in folder.rglob("*"):
                if path.is_dir():
                    path.chmod(0o700)
