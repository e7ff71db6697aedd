"""Plans: which files go, what stays instead, and what is left alone with how many told."""

import os
from collections.abc import Sequence

import pytest

from simd.core.actions.model import PlanRequest, Removal
from simd.core.actions.words import Action, CompanionRole
from simd.core.answers import MatchKind, Plan
from simd.core.errors import BadRequest, NotFound
from simd.core.keeprules import parse_rules
from simd.core.protection import Protection
from tests.work.actions.library import Library


@pytest.fixture
def filled(library: Library) -> Library:
    """``a`` with two copies, ``b`` that looks like it with one, and ``c`` by itself with one copy."""
    large = library.add("a.jpg", b"A" * 1_000, width=2_000)
    library.add("sub/a.jpg", b"A" * 1_000)
    library.add("sub/deeper/a.jpg", b"A" * 1_000)
    small = library.add("b.jpg", b"B" * 500)
    library.add("sub/b.jpg", b"B" * 500)
    library.add("c.jpg", b"C" * 300)
    library.add("sub/c.jpg", b"C" * 300)
    library.join(large, small)
    return library


def losses(library: Library, plan: Plan) -> dict[str, str]:
    """What goes, and what stays instead, by their names below the root."""
    root = library.root.decode()
    return {os.path.relpath(step.path, root): os.path.relpath(step.keeper, root) for step in plan.steps}


def warnings(plan: Plan) -> Sequence[str]:
    """What is told beside the steps, but for what is told of every plan."""
    return [said for said in plan.warnings if "looked at closely" not in said]


def test_all_but_the_best_go(filled: Library) -> None:
    """Copies give way to the best file of their image, what looks the same to the keeper of the group."""
    plan = filled.actions.plan(PlanRequest())
    assert {
        "sub/a.jpg": "a.jpg",
        "sub/deeper/a.jpg": "a.jpg",
        "b.jpg": "a.jpg",
        "sub/b.jpg": "a.jpg",
        "sub/c.jpg": "c.jpg",
    } == losses(filled, plan)
    kinds = {step.path.rpartition("/photos/")[2]: step.kind for step in plan.steps}
    assert (MatchKind.IDENTICAL, MatchKind.NEAR) == (kinds["sub/a.jpg"], kinds["sub/b.jpg"])
    assert 2 * 1_000 + 2 * 500 + 300 == plan.bytes_freed
    assert 1 == sum("2 of these only look the same" in said for said in plan.warnings)


@pytest.mark.parametrize("action", [Action.HARDLINK, Action.REFLINK])
def test_only_equal_bytes_are_shared(filled: Library, action: Action) -> None:
    """Every image keeps its best file, also one that is not the keeper of its group."""
    expected = {"sub/a.jpg": "a.jpg", "sub/deeper/a.jpg": "a.jpg", "sub/b.jpg": "b.jpg", "sub/c.jpg": "c.jpg"}
    assert expected == losses(filled, filled.actions.plan(PlanRequest(action=action)))


def test_files_of_one_kind(filled: Library) -> None:
    """Identical: each image keeps its best file. Near: copies of the keeper stay."""
    identical = filled.actions.plan(PlanRequest(kind=MatchKind.IDENTICAL))
    near = filled.actions.plan(PlanRequest(kind=MatchKind.NEAR))
    assert {"sub/a.jpg", "sub/deeper/a.jpg", "sub/b.jpg", "sub/c.jpg"} == set(losses(filled, identical))
    assert {"b.jpg": "a.jpg", "sub/b.jpg": "a.jpg"} == losses(filled, near)


def test_only_what_lies_under_a_folder_goes(filled: Library) -> None:
    """What is kept may lie anywhere; a file by its own path is a folder of one."""
    plan = filled.actions.plan(PlanRequest(under=(filled.path("sub/deeper"), filled.path("b.jpg"))))
    assert {"sub/deeper/a.jpg": "a.jpg", "b.jpg": "a.jpg"} == losses(filled, plan)


def test_only_the_groups_that_are_named(filled: Library) -> None:
    """By their ids; one that there is not is refused, and so is the id of a member."""
    [first, second] = [step.id for step in filled.actions.plan(PlanRequest(kind=MatchKind.NEAR)).steps]
    assert first != second
    assert {"sub/c.jpg": "c.jpg"} == losses(filled, filled.actions.plan(PlanRequest(groups=(3,))))
    for group in (2, 99):
        with pytest.raises(NotFound, match=f"no group {group}"):
            filled.actions.plan(PlanRequest(groups=(3, group)))


def test_keep_rules_choose_what_stays(filled: Library) -> None:
    """A preferred folder comes before the number of pixels."""
    rules = parse_rules(f"prefer:{filled.path('sub').decode()}")
    plan = filled.actions.plan(PlanRequest(keep=rules, kind=MatchKind.IDENTICAL))
    assert {
        "a.jpg": "sub/a.jpg",
        "sub/deeper/a.jpg": "sub/a.jpg",
        "b.jpg": "sub/b.jpg",
        "c.jpg": "sub/c.jpg",
    } == (losses(filled, plan))


def test_protected_files_stay_and_are_told(filled: Library) -> None:
    """One is kept before its copies, another left alone; with all protected nothing is left to plan."""
    filled.protection = Protection(frozenset({filled.path("sub/deeper"), filled.path("b.jpg")}))
    plan = filled.actions.plan(PlanRequest())
    assert {"a.jpg": "sub/deeper/a.jpg", "sub/a.jpg": "sub/deeper/a.jpg"}.items() < losses(
        filled, plan
    ).items()
    assert {"sub/b.jpg", "sub/c.jpg"} == losses(filled, plan).keys() - {"a.jpg", "sub/a.jpg"}
    assert ["Left alone: 1 file, protected."] == warnings(plan)
    filled.protection = Protection(frozenset({filled.root}))
    empty = filled.actions.plan(PlanRequest())
    assert ("", [], ("Left alone: 5 files, protected.",)) == (empty.id, empty.steps, empty.warnings)
    assert [] == filled.actions.plans(10, None).plans[1:]


def test_hard_links_free_nothing_and_are_left_alone(library: Library) -> None:
    """A further name of the kept file is told; of two names of another one the second frees its bytes."""
    library.add("a.jpg", b"A" * 1_000)
    for name, source in (("b.jpg", "a.jpg"), ("d.jpg", "c.jpg")):
        if source == "c.jpg":
            library.write("c.jpg", b"A" * 1_000)
            library.know("c.jpg")
        os.link(library.path(source), library.path(name))
        library.know(name)
    plan = library.actions.plan(PlanRequest())
    assert {"c.jpg": 0, "d.jpg": 1_000} == {step.path.rpartition("/")[2]: step.bytes for step in plan.steps}
    assert ["Left alone: 1 file, another name of the kept file, so that nothing would be freed."] == warnings(
        plan
    )


def test_companions_go_with_their_picture(library: Library) -> None:
    """A raw file that has its equal beside the keeper, and a sidecar; both are counted with the picture."""
    library.add("a/1.jpg", b"A" * 1_000)
    library.write("a/1.cr2", b"R" * 50)
    library.add("b/1.jpg", b"A" * 1_000)
    library.write("b/1.cr2", b"R" * 50)
    library.write("b/1.xmp", b"S" * 7)
    [step] = library.actions.plan(PlanRequest()).steps
    assert 1_057 == step.bytes
    assert [("1.cr2", CompanionRole.RAW), ("1.xmp", CompanionRole.SIDECAR)] == [
        (each.path.rpartition("/")[2], each.role) for each in step.companions
    ]


def test_a_picture_whose_raw_file_is_nowhere_else_stays(library: Library) -> None:
    """The raw file would be lost with it, or parted from it; links touch no companion and need not ask."""
    library.add("a/1.jpg", b"A" * 1_000)
    library.add("b/1.jpg", b"A" * 1_000)
    library.write("b/1.cr2", b"R" * 50)
    plan = library.actions.plan(PlanRequest())
    assert ("", 1) == (plan.id, sum("raw file or a video" in said for said in plan.warnings))
    [step] = library.actions.plan(PlanRequest(action=Action.HARDLINK)).steps
    assert [] == list(step.companions)


def test_what_belongs_to_a_picture_is_its_own_when_one_before_it_stays(library: Library) -> None:
    """The one before has a raw file that is nowhere else; the sidecar goes with the one that goes."""
    for name, content in (("1.jpg", b"A" * 2_000), ("2.jpg", b"B" * 1_000), ("3.jpg", b"C" * 500)):
        library.add(f"a/{name}", content)
        library.add(f"b/{name}", content)
    library.write("b/1.cr2", b"R" * 50)
    library.write("b/2.xmp", b"S" * 7)
    steps = library.actions.plan(PlanRequest()).steps
    assert [("2.jpg", ["2.xmp"]), ("3.jpg", [])] == [
        (step.path.rpartition("/")[2], [each.path.rpartition("/")[2] for each in step.companions])
        for step in steps
    ]


def test_a_picture_in_a_folder_that_cannot_be_listed_stays(library: Library) -> None:
    """Nobody knows what belongs to it; others go, and links, which leave all in its place, are planned."""
    for name in ("a.jpg", "b.jpg", "gone/c.jpg"):
        library.add(name, b"A" * 1_000)
    (library.folder / "gone").rename(library.folder.parent / "elsewhere")
    plan = library.actions.plan(PlanRequest())
    assert {"b.jpg": "a.jpg"} == losses(library, plan)
    assert 1 == sum("1 file, the folder cannot be listed" in said for said in plan.warnings)
    assert 2 == len(library.actions.plan(PlanRequest(action=Action.HARDLINK)).steps)


def test_nothing_is_deleted_for_good_unless_it_is_said(filled: Library) -> None:
    """The hint names the way that can be undone; with the word the plan warns."""
    with pytest.raises(BadRequest, match="for good") as refused:
        filled.actions.plan(PlanRequest(action=Action.DELETE))
    assert "quarantine" in (refused.value.hint or "")
    with pytest.raises(BadRequest, match="deleted for good by trash"):
        filled.actions.plan(PlanRequest(action=Action.TRASH, permanently=True))
    plan = filled.actions.plan(PlanRequest(action=Action.DELETE, permanently=True))
    assert "What is deleted cannot be put back." in plan.warnings


def test_a_system_without_a_known_trash_is_told_so(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is planned, with the way that there is."""
    monkeypatch.setattr("simd.work.actions.planning.supported", lambda: False)
    with pytest.raises(BadRequest, match="trash of this system") as refused:
        filled.actions.plan(PlanRequest(action=Action.TRASH))
    assert "quarantine" in (refused.value.hint or "")


def by_hand(
    library: Library, *removals: tuple[str, Sequence[str]], action: Action = Action.QUARANTINE
) -> Plan:
    """A plan of files that a person has chosen."""
    return library.actions.plan(
        PlanRequest(
            action=action,
            removals=tuple(
                Removal(library.path(name), tuple(map(library.path, kept))) for name, kept in removals
            ),
        )
    )


def test_what_a_person_chose_goes_if_the_same_picture_stays(filled: Library) -> None:
    """The keeper of a group may go; what stays is the first that is not to go, too, and is of the group."""
    plan = by_hand(
        filled,
        ("a.jpg", ["sub/a.jpg", "b.jpg"]),
        ("sub/a.jpg", ["a.jpg", "c.jpg", "b.jpg"]),
        ("sub/c.jpg", ["a.jpg"]),
    )
    assert {"a.jpg": "b.jpg", "sub/a.jpg": "b.jpg"} == losses(filled, plan)
    assert not any("looked at closely" in said for said in plan.warnings)
    assert 1 == sum("it would be lost" in said for said in plan.warnings)


def test_what_a_person_chose_is_spared_for_every_reason(filled: Library) -> None:
    """Protected, unknown, or without anything that stays: each is counted, and the others go."""
    filled.protection = Protection(frozenset({filled.path("sub/a.jpg")}))
    plan = by_hand(
        filled,
        ("sub/a.jpg", ["a.jpg"]),
        ("gone.jpg", ["a.jpg"]),
        ("c.jpg", ["gone.jpg"]),
        ("b.jpg", ["a.jpg"]),
    )
    assert {"b.jpg": "a.jpg"} == losses(filled, plan)
    assert ["protected", "as far as the catalogue knows", "would be lost"] == [
        next(part for part in ("protected", "as far as the catalogue knows", "would be lost") if part in said)
        for said in plan.warnings
    ]


def test_what_a_person_chose_shares_no_bytes_with_what_only_looks_like_it(filled: Library) -> None:
    """It is counted; a copy of equal bytes becomes a link."""
    plan = by_hand(filled, ("b.jpg", ["a.jpg"]), ("sub/a.jpg", ["a.jpg"]), action=Action.HARDLINK)
    assert {"sub/a.jpg": "a.jpg"} == losses(filled, plan)
    assert 1 == sum(said.startswith("Left alone: 1 file, ") and "equal" in said for said in plan.warnings)


def test_what_a_person_chose_is_no_other_name_of_what_stays(filled: Library) -> None:
    """Nothing would be freed, and that is said."""
    (filled.folder / "sub/link.jpg").hardlink_to(filled.folder / "a.jpg")
    filled.know("sub/link.jpg")
    plan = by_hand(filled, ("sub/link.jpg", ["a.jpg"]))
    assert [] == plan.steps
    assert ["Left alone: 1 file, another name of the kept file, so that nothing would be freed."] == list(
        plan.warnings
    )
