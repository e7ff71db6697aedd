"""Sheets as bytes: all of a sheet comes back, and what cannot be kept is refused."""

from datetime import UTC, datetime
from random import Random
from struct import error as StructError  # noqa: N812 - an error class in small letters

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.catalogue.sheet_codec import (
    name_of,
    pack_facts,
    pack_names,
    pack_standing,
    pack_weights,
    unpack_facts,
    unpack_standing,
)
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import sheet_of
from simd.core.actions.standing import Standing
from simd.core.actions.words import StepState
from simd.core.answers.likeness import MatchKind
from simd.core.errors import CatalogueError
from simd.core.stamp import Stamp
from tests.catalogue.given_steps import PLANNED, noted, units
from tests.examples import brief

PLAIN = Step(
    name=ActionName(0, 1),
    file=Known(b"/a", Stamp(1, 2, 3, 4), None),
    keeper=None,
    root=b"/",
    kind=MatchKind.NEAR,
    why="so",
    size=1,
)


@settings(brief(30))
@given(units(noted(PLANNED)), st.integers(1, 2**40), st.randoms(use_true_random=False))
def test_a_sheet_comes_back_whole(given_units: list[Unit], start: int, chance: Random) -> None:
    """Every field of every step, with how far it has come."""
    steps = [
        step._replace(
            name=ActionName(7, (step.name.step or 0) + start),
            unit=None if step.unit is None else step.unit + start,
        )
        for unit in given_units
        for step in unit.steps
    ]
    sheet = sheet_of(steps)
    notes = [chance.randrange(2**62) for _ in steps]
    back = unpack_facts(start + 1, pack_weights(sheet), pack_facts(sheet))
    standing = unpack_standing(pack_standing(Standing.of(steps, notes)))
    assert steps == list(back.steps(7, standing))
    assert notes == list(standing.noted)


@pytest.mark.parametrize("values", [256, 257])
def test_many_different_values_in_a_column_come_back(values: int) -> None:
    """One byte numbers 256 of them, and no more."""
    steps = [PLAIN._replace(name=ActionName(0, number), why=f"{number}") for number in range(1, values + 1)]
    sheet = sheet_of(steps)
    assert steps == list(unpack_facts(1, pack_weights(sheet), pack_facts(sheet)).steps(0))


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        (PLAIN._replace(file=PLAIN.file._replace(path=b"/a\0b")), ValueError),
        (PLAIN._replace(file=PLAIN.file._replace(digest=b"short")), ValueError),
        (PLAIN._replace(file=PLAIN.file._replace(stamp=Stamp(2**63, 0, 0, 0))), StructError),
        (PLAIN._replace(file=PLAIN.file._replace(stamp=Stamp(0, 0, 0, 2**64))), StructError),
    ],
    ids=["NUL", "digest", "size", "inode"],
)
def test_what_would_not_come_back_is_refused(step: Step, refusal: type[Exception]) -> None:
    """A path with a NUL, a digest that is none, and numbers of more than 64 bits."""
    with pytest.raises(refusal):
        pack_facts(sheet_of([step]))


@pytest.mark.parametrize("place", [0, 4, 20, -1])
def test_a_damaged_sheet_is_known_for_one(place: int) -> None:
    """A changed byte anywhere; nothing is read from it."""
    sheet = sheet_of([PLAIN])
    facts = bytearray(pack_facts(sheet))
    facts[place] ^= 1
    with pytest.raises(CatalogueError, match="damaged"):
        unpack_facts(1, pack_weights(sheet), bytes(facts))


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    """Kept as UTC, to the microsecond."""
    at = datetime(2026, 11, 21, 23, 59, 59, 123_456, tzinfo=UTC)
    elsewhere = datetime.fromisoformat("2026-11-22T05:29:59.123456+05:30")
    standing = Standing.of([PLAIN._replace(state=StepState.DONE, at=elsewhere)], [1])
    [found] = unpack_standing(pack_standing(standing)).moments
    assert found is not None
    assert at.isoformat() == found.isoformat()


@given(st.lists(st.none() | st.binary(min_size=1, max_size=5)))
def test_each_path_is_found_by_its_checksum(paths: list[bytes | None]) -> None:
    """Those that are none have none."""
    names = pack_names(paths)
    there = [path for path in paths if path is not None]
    assert all(name_of(path) in names for path in there)
    assert 4 * len(there) == len(names)
