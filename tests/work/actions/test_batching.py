"""How much is looked at in one go."""

from collections.abc import Sequence

from simd.catalogue import Portion
from simd.catalogue.sheet_codec import pack_facts, pack_weights
from simd.catalogue.sheet_reads import KeptSheet
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import sheet_of
from simd.core.actions.words import CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.stamp import Stamp
from simd.work.actions.batching import AT_ONCE, HEAVY_BYTES, NEAR_WEIGHT, Batch, Given, batches, units_of

SMALL = 1_000


def unit(
    number: int, kind: MatchKind = MatchKind.IDENTICAL, size: int = SMALL, companions: Sequence[int] = ()
) -> Unit:
    """A picture, with companions of these sizes that look like nothing."""
    known = Known(b"/photos/%d.jpg" % number, Stamp(size, 1, 1, number), b"d" * 32)
    picture = Step(ActionName(1, number), known, known, b"/photos", kind, "same bytes", size)
    beside = (
        picture._replace(
            name=ActionName(1, place),
            file=Known(b"/photos/%d.xmp" % place, Stamp(length, 1, 1, place), None),
            keeper=None,
            kind=MatchKind.NEAR,
            unit=number,
            role=CompanionRole.SIDECAR,
        )
        for place, length in enumerate(companions, number + 1)
    )
    return Unit(picture, tuple(beside))


def on_a_sheet(units: Sequence[Unit], *, backwards: bool = False) -> Portion:
    """The same units as the journal reads them."""
    sheet = sheet_of([step for each in units for step in each.steps])
    kept = KeptSheet(1, sheet.first, pack_weights(sheet), pack_facts(sheet), None)
    return kept.portion([StepState.PLANNED], backwards=backwards)


def parted(portions: Sequence[Batch]) -> list[list[int | None]]:
    """The numbers of the pictures of each batch."""
    return [[each.picture.name.step for each in batch.units()] for batch in batches(portions)]


def lengths(*units: Sequence[Unit]) -> list[int]:
    """How many units each batch of these has; all units are in them, in order, wherever they come from."""
    every = [each.picture.name.step for portion in units for each in portion]
    ways = [parted([Given(portion) for portion in units]), parted(list(map(on_a_sheet, units)))]
    backwards = parted([on_a_sheet(portion, backwards=True) for portion in reversed(units)])
    assert [every, every] == [[each for batch in way for each in batch] for way in ways]
    assert every[::-1] == [each for batch in backwards for each in batch]
    first, second = [[len(batch) for batch in way] for way in ways]
    assert first == second
    return first


def test_batches_are_smaller_where_much_is_read_or_looked_at() -> None:
    """A picture that only looks the same counts for several, a large file for its size."""
    assert [AT_ONCE, 1] == lengths([unit(number) for number in range(AT_ONCE + 1)])
    near = [unit(number, MatchKind.NEAR) for number in range(AT_ONCE // NEAR_WEIGHT + 3)]
    assert [AT_ONCE // NEAR_WEIGHT, 3] == lengths(near)
    for size, most in ((2, AT_ONCE // 2), (50, -(-AT_ONCE // 50))):
        heavy = [unit(number, size=size * HEAVY_BYTES) for number in range(most + 2)]
        assert [most, 2] == lengths(heavy)
    assert [] == list(batches([Given([])]))
    assert [2, 3] == lengths([unit(1), unit(2)], [unit(3), unit(4), unit(5)])


def test_what_belongs_to_a_picture_weighs_nothing_of_its_own() -> None:
    """Be it long, and like no other file."""
    pictures = AT_ONCE // NEAR_WEIGHT + 3
    units = [unit(3 * number, companions=(SMALL, 500 * HEAVY_BYTES)) for number in range(pictures)]
    assert [pictures] == lengths(units)


def test_what_was_purged_before_does_not_go_with_its_picture() -> None:
    """Nor anything else that has come to another state."""
    done = unit(1, companions=(1, 2))
    picture, gone, here = (step._replace(state=StepState.DONE) for step in done.steps)
    gone = gone._replace(state=StepState.PURGED)
    assert [Unit(picture, (here,))] == units_of(Given([Unit(picture, (gone, here))]))
