"""Closer looks before near-duplicates give way: what contradicts the hashes is told, and kept."""

from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import pytest

from simd.core.actions.model import PlanRequest, Step
from simd.core.answers import MatchKind
from simd.core.judgement import FineLook, Judgement
from simd.core.model import ProblemCode
from simd.core.stamp import Stamp
from simd.imaging.outcome import Refused
from simd.work.actions import looking
from simd.work.actions.looking import Looking
from tests.core.test_judgement import ALIKE
from tests.work.actions.library import Library

ALTERED = replace(ALIKE, changed=0.05)


@dataclass
class Eyes:
    """In place of the workers: whatever is looked at gives the same."""

    found: FineLook | Refused
    asked: list[tuple[bytes, bytes]] = field(default_factory=list)

    def compare(self, a: bytes, b: bytes) -> "Future[FineLook | Refused]":
        """What is found, at once."""
        self.asked.append((a, b))
        done: Future[FineLook | Refused] = Future()
        done.set_result(self.found)
        return done


@pytest.fixture
def near(library: Library) -> Step:
    """A step for a smaller picture that looks like another one."""
    small = library.add("b.jpg", b"B" * 1_000, width=320)
    large = library.add("a.jpg", b"A" * 2_000)
    library.join(large, small)
    library.actions.plan(PlanRequest())
    [unit] = library.journal.units(1)
    assert unit.picture.kind is MatchKind.NEAR
    return unit.picture


def looks(library: Library) -> list[tuple[Judgement, str, str]]:
    """What is kept: of the small picture, which came first, and of the large one."""
    with library.catalogue.read() as snapshot:
        return [(look.judgement, look.a_words, look.b_words) for look in snapshot.looks().values()]


def doubts(library: Library, eyes: Eyes, step: Step, *, keep: bool = True) -> list[str]:
    """What is told of one step."""
    looking = Looking(library.catalogue, eyes)  # type: ignore[arg-type]  # no worker is needed
    return list(looking.doubts([step], keep=keep).values())


def test_what_contradicts_the_hashes_is_told_and_kept(library: Library, near: Step) -> None:
    """In words for either of the two, as against the other."""
    eyes, said = Eyes(ALTERED), "same scene, something moved or was retouched"
    assert [f"It is doubtful: {said}, smaller."] == doubts(library, eyes, near)
    assert [(library.path("a.jpg"), library.path("b.jpg"))] == eyes.asked
    assert [(Judgement.ALTERED, f"{said}, smaller", f"{said}, larger")] == looks(library)


def test_what_agrees_is_kept_too(library: Library, near: Step) -> None:
    """And there is no doubt."""
    assert [] == doubts(library, Eyes(ALIKE), near)
    assert [(Judgement.SAME, "same picture, smaller", "same picture, larger")] == looks(library)


def test_a_rehearsal_keeps_nothing(library: Library, near: Step) -> None:
    """It tells the same."""
    assert 1 == len(doubts(library, Eyes(ALTERED), near, keep=False))
    assert [] == looks(library)


def test_who_cannot_be_looked_at_stays(library: Library, near: Step) -> None:
    """With the reason; nothing is known of the pair then."""
    refused = Refused(ProblemCode.TRUNCATED, "It ends too early.", Stamp(1, 1, 1, 1))
    assert ["The closer look was not possible: It ends too early."] == doubts(library, Eyes(refused), near)
    assert [] == looks(library)


def test_a_look_that_takes_too_long_is_none(
    library: Library, near: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture stays, and nothing is kept of the pair."""

    class Asleep(Eyes):
        def compare(self, a: bytes, b: bytes) -> "Future[FineLook | Refused]":  # noqa: ARG002 - as above
            return Future()

    monkeypatch.setattr(looking, "LONGEST_READ_SECONDS", 0)
    assert ["The closer look took too long."] == doubts(library, Asleep(ALIKE), near)
    assert [] == looks(library)


def test_a_picture_that_the_catalogue_has_forgotten_stays(library: Library, near: Step) -> None:
    """What was found could be kept of no pair."""
    library.forget("b.jpg")
    assert ["The catalogue does not know the picture any more."] == doubts(library, Eyes(ALIKE), near)
    assert [] == looks(library)


def test_a_doubtful_picture_is_in_no_later_plan(library: Library, near: Step) -> None:
    """Its copies stay as well, and are counted; links between equal bytes are none of it."""
    library.add("sub/b.jpg", b"B" * 1_000)
    doubts(library, Eyes(ALTERED), near)
    plan = library.actions.plan(PlanRequest())
    assert [] == plan.steps
    assert 1 == sum(said.startswith("Left alone: 2 files, doubtful") for said in plan.warnings)
    equal = library.actions.plan(PlanRequest(kind=MatchKind.IDENTICAL))
    assert [MatchKind.IDENTICAL] == [step.kind for step in equal.steps]
