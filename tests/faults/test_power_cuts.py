"""The daemon is killed like by a power cut, again and again, while it scans and people go on."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from subprocess import TimeoutExpired
from time import monotonic

import pytest

from simd.core.errors import Failed, NoDaemon
from tests.daemon.running import RunningDaemon, ending
from tests.faults import ledger
from tests.faults.folders import Folders, Person
from tests.faults.form import Form
from tests.faults.pictures import add_unlike, blotches, no_pictures

pytestmark = pytest.mark.soak

NEW_FILES = 24
MOST_FILES = 120
EARLY_DEATHS = 0.15
MOST_SECONDS = 1.2
"""How long a life lasts at most after its start; the scan of what is new takes about as long."""


@dataclass(slots=True)
class Supply:
    """Contents that were never seen before, and some that were.

    Attributes:
        pictures: all pictures that were given out, by digest.
        lengths: the same, by their lengths, of which each has its own.
    """

    dice: Random
    pictures: dict[str, bytes] = field(default_factory=dict)
    lengths: dict[int, bytes] = field(default_factory=dict)

    def new(self) -> bytes:
        """A picture that nobody has."""
        content = add_unlike(self.lengths, blotches(self.dice, 800, 600))
        self.pictures[ledger.digest_of(content)] = content
        return content

    def any(self) -> bytes:
        """Often a new picture, sometimes one that is known, sometimes none."""
        lot = self.dice.random()
        if lot < 0.5:
            return self.new()
        known = self.pictures[self.dice.choice(list(self.pictures))]
        return known if lot < 0.9 else self.dice.choice(no_pictures(known))


def test_the_catalogue_is_what_the_disk_is_after_any_number_of_power_cuts(place: Path, form: Form) -> None:
    """To the stamp and digest of every file; the database is sound, and no life decodes a picture twice."""
    dice = form.dice()
    roots = (place / "photos", place / "card")
    daemon = RunningDaemon(place / "simd", *roots, settle_seconds=0.1, fresh=form.long)
    folders, supply = Folders(daemon.roots), Supply(dice)
    person = Person(dice, folders, supply.any)
    known: set[str] = set()
    with ending(daemon):
        for life in range(form.times("power cuts", short=3, long=200)):
            _bring_files(folders, supply, dice, life)
            decoded = _live(daemon, person, dice)
            assert decoded <= len(supply.pictures.keys() - known), "a picture was decoded twice in one life"
            with ledger.snapshot(daemon.folder / "state") as database:
                assert [] == ledger.faults_of(database)
                known = ledger.images(database)

        daemon.start().sync()

        on_disk = ledger.on_disk(folders.files(), supply.pictures)
        held = ledger.catalogued(daemon.folder / "state")
        assert on_disk == held.entries
        assert {path for path, entry in on_disk.items() if entry.digest is None} == held.problems.keys()
        assert daemon.decoded() <= len(supply.pictures.keys() - known)
        form.note("files at the end", len(on_disk))
        form.note("pictures", len(supply.pictures))
        assert 0 == daemon.stop()
    with ledger.snapshot(daemon.folder / "state") as database:
        assert [] == ledger.faults_of(database)


def _bring_files(folders: Folders, supply: Supply, dice: Random, life: int) -> None:
    """Lay down what the next scan will find; when there is much, clear some away.

    Never so much that a root would be taken for another disk.
    """
    files = folders.files()
    if len(files) > MOST_FILES:
        for path in dice.sample(files, len(files) // 3):
            folders.delete(path)
    for number in range(NEW_FILES):
        root = folders.roots[number % len(folders.roots)]
        folders.write(root / f"trip {life}" / f"{number}.jpg", supply.new())


def _live(daemon: RunningDaemon, person: Person, dice: Random) -> int:
    """One life with a sudden end, now and then before it answers; how many pictures it has decoded."""
    process = daemon.launch()
    end = monotonic() + dice.uniform(0.0, 1.0) if dice.random() < EARLY_DEATHS else None
    decoded = 0
    while end is None or monotonic() < end:
        if _answers(daemon):
            end = end or monotonic() + dice.uniform(0.0, MOST_SECONDS)
            decoded = daemon.decoded()
        person.act(dice.randint(0, 4))
        with suppress(TimeoutExpired):
            assert process.wait(dice.uniform(0.0, 0.1)) is None, daemon.log.read_text()[-2_000:]
    daemon.kill()
    return decoded


def _answers(daemon: RunningDaemon) -> bool:
    try:
        return bool(daemon.status()["state"] != "loading")
    except (NoDaemon, Failed):
        return False
