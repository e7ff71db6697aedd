"""Groups that are kept in step, against groups worked out from nothing."""

from collections.abc import Callable
from functools import partial
from itertools import combinations, count
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from simd.catalogue import Catalogue, Decisions, VerdictTable
from simd.core.answers import GroupPage, MatchKind
from simd.core.errors import Unavailable
from simd.core.grouping import Grouping
from simd.core.keeprules import parse_rules
from simd.core.presets import PRESETS
from simd.core.protection import Protection
from simd.core.questions import GroupOptions, PictureName
from simd.core.verdicts import VerdictKind
from simd.runtime.broadcast import Broadcast
from simd.work.groups import MOST_KEPT, Groups
from simd.work.keeporders import KeepOrders
from simd.work.standing import SORT_SHARE, StandingGroups
from simd.work.verdicts import Verdicts, marks_within
from tests.fakes import FakeClock
from tests.work.samples import ROOT, enrol, fill, pair, picture, signature, stamp

EVERYTHING = 1_000

NUMBERS = st.integers(1, 9)
FOLDERS = st.sampled_from([b"x", b"y", b"y/z"])
ALL_PLACES = [folder + name for folder in (b"x", b"y", b"y/z") for name in (b"/1.jpg", b"/22.jpg", b"/3.jpg")]
PLACES = st.sampled_from(ALL_PLACES)
DISTANCES = st.sampled_from([1, 12])

LIVES = count()
"""Every history has a root and images of its own, so that one database serves them all."""


def whole_page(groups: Groups, grouping: Grouping, preset: str, kind: MatchKind | None) -> GroupPage:
    """Every group."""
    return groups.page(GroupOptions(preset=preset, grouping=grouping, kind=kind, limit=EVERYTHING))


class History(RuleBasedStateMachine):
    """Files come, change, move and go, and verdicts too; one object is asked all the time, others once."""

    catalogue: Catalogue
    verdicts: Verdicts

    def __init__(self) -> None:
        super().__init__()
        life = next(LIVES)
        self.root = b"/life%d" % life
        self.first = 10 * life
        enrol(self.catalogue, self.root)
        content = [
            (self.first + n, signature(picture(n), self.first + n, pixels=600 + n)) for n in range(1, 10)
        ]
        fill(self.catalogue, content, [])
        self.digests = {number: content[number - 1][1].digest for number in range(1, 10)}
        self.protected: frozenset[bytes] = frozenset()
        self.orders = KeepOrders(parse_rules("protected"), (), lambda: Protection(self.protected))
        self.groups = Groups(self.catalogue, "default", self.verdicts.marks, self.orders.order_for)
        self.stamps = count(1)

    def path(self, place: bytes) -> bytes:
        """Where a place of this life is."""
        return self.root + b"/" + place

    @initialize(near=st.sets(st.sampled_from(list(combinations(range(1, 10), 2))), min_size=5, max_size=15))
    def begin(self, near: set[tuple[int, int]]) -> None:
        """Each image has a file, and some are near."""
        files = [
            (self.path(place), stamp(next(self.stamps)), self.first + number)
            for number, place in enumerate(ALL_PLACES, start=1)
        ]
        fill(self.catalogue, [], files, [pair(self.first + a, self.first + b) for a, b in near])
        self.ask(Grouping.STAR, None)

    @rule(place=PLACES, number=NUMBERS)
    def put(self, place: bytes, number: int) -> None:
        """A file comes, or has another content."""
        arrival = (self.path(place), stamp(next(self.stamps)), self.first + number)
        self.catalogue.write(lambda to: to.put_files([arrival])).result()

    @rule(place=PLACES)
    def remove(self, place: bytes) -> None:
        """A file goes."""
        self.catalogue.write(lambda to: to.mark_missing([self.path(place)])).result()

    @rule(origin=PLACES, goal=PLACES)
    def move(self, origin: bytes, goal: bytes) -> None:
        """A file moves, and may take another's place."""
        new = stamp(next(self.stamps))
        self.catalogue.write(lambda to: to.move_file(self.path(origin), self.path(goal), new)).result()

    @rule(origin=FOLDERS, goal=FOLDERS)
    def move_folder(self, origin: bytes, goal: bytes) -> None:
        """A folder moves, and may be merged with another one."""
        self.catalogue.write(lambda to: to.move_directory(self.path(origin), self.path(goal))).result()

    @rule(numbers=st.sets(NUMBERS, min_size=2, max_size=2), distance=DISTANCES)
    def match(self, numbers: set[int], distance: int) -> None:
        """A pair is found, or gets other measures."""
        a, b = (self.first + number for number in numbers)
        self.catalogue.write(lambda to: to.put_pairs([pair(a, b, distance)])).result()

    @rule(number=NUMBERS)
    def unmatch(self, number: int) -> None:
        """Pairs are dropped."""
        self.catalogue.write(lambda to: to.drop_pairs_of([self.first + number])).result()

    @rule(number=NUMBERS, pixels=st.integers(1, 900))
    def resize(self, number: int, pixels: int) -> None:
        """An image gets another signature, and another rank with it."""
        new = signature(picture(number), self.first + number, pixels=pixels)
        self.catalogue.write(lambda to: to.put_images([(self.first + number, new)])).result()

    @rule(numbers=st.sets(NUMBERS, min_size=2, max_size=3), kind=st.sampled_from(VerdictKind))
    def mark(self, numbers: set[int], kind: VerdictKind) -> None:
        """A person decides."""
        self.verdicts.mark(kind, [PictureName(digest=self.digests[number]) for number in numbers])

    @rule(numbers=st.sets(NUMBERS, min_size=1, max_size=2))
    def unmark(self, numbers: set[int]) -> None:
        """A person thinks better of it."""
        self.verdicts.unmark([PictureName(digest=self.digests[number]) for number in numbers])

    @rule(places=st.sets(st.one_of(PLACES, FOLDERS), max_size=3))
    def protect(self, places: set[bytes]) -> None:
        """Files and folders are protected, and others are not any more."""
        self.protected = frozenset(map(self.path, places))

    @rule(rules=st.sampled_from(["protected", "protected,modified:newest", "path"]))
    def rank_by(self, rules: str) -> None:
        """Other rules decide which copy is kept."""
        self.orders.follow(parse_rules(rules), ())

    @rule(grouping=st.sampled_from(Grouping), kind=st.sampled_from([None, *MatchKind]))
    def ask(self, grouping: Grouping, kind: MatchKind | None) -> None:
        """The groups, their order, and the sums are those worked out now, whatever happened in between."""
        decided = self.verdicts.all()
        worked_out = Groups(
            self.catalogue,
            "default",
            lambda snapshot: marks_within(decided, snapshot),
            self.orders.order_for,
        )
        expected = whole_page(worked_out, grouping, "default", kind)
        assert expected == whole_page(self.groups, grouping, "default", kind)
        apart = {it.images for it in decided if it.kind is not VerdictKind.KEEP}
        for group in expected.groups:
            found = {bytes.fromhex(member.image.digest.removeprefix("sha256:")) for member in group.members}
            assert [] == [pair for pair in combinations(sorted(found), 2) if pair in apart]

    def teardown(self) -> None:
        """At the end all are asked."""
        for grouping in Grouping:
            self.ask(grouping, None)


def test_groups_kept_in_step_equal_groups_worked_out_now(
    catalogue: Catalogue, tmp_path: Path, clock: FakeClock
) -> None:
    """Through any history of files, folders, pairs, signatures and verdicts."""

    class Life(History):
        pass

    Life.catalogue = catalogue
    Life.verdicts = Verdicts(VerdictTable(Decisions(tmp_path, clock)), catalogue, clock, Broadcast())
    # Not shrunk: that would take minutes, since each history is played through a real catalogue.
    short = settings(max_examples=15, stateful_step_count=12, phases=[Phase.generate])
    run_state_machine_as_test(Life, settings=short)


@pytest.mark.parametrize("grouping", list(Grouping))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_arrival_does_not_matter(
    catalogue: Catalogue, grouping: Grouping, data: st.DataObject
) -> None:
    """The same pictures in the same places, catalogued in any order, make the same groups."""
    numbers = list(range(1, 8))
    near = data.draw(st.sets(st.sampled_from(list(combinations(numbers, 2))), max_size=12))
    pages = []
    for _ in range(2):
        life = next(LIVES)
        root, order = b"/life%d" % life, data.draw(st.permutations(numbers))
        ids = {number: 10 * life + place for place, number in enumerate(order, start=1)}
        enrol(catalogue, root)
        fill(
            catalogue,
            [(ids[n], signature(picture(n), 10 * life + n, pixels=700 + n % 3)) for n in order],
            [(root + b"/%d.jpg" % n, stamp(n), ids[n]) for n in order],
            [pair(ids[a], ids[b], distance=1 + (a + b) % 8) for a, b in near],
        )
        options = GroupOptions(grouping=grouping, under=root, limit=EVERYTHING)
        page = Groups(catalogue, "default").page(options)
        pages.append(
            [[member.path.removeprefix(root.decode()) for member in group.members] for group in page.groups]
        )
    assert sorted(pages[0]) == sorted(pages[1])


def test_what_nothing_touched_is_not_worked_out_again(catalogue: Catalogue) -> None:
    """The group that a change leaves alone is the same object afterwards; the other one is a new one."""
    for number in (1, 2, 3, 4):
        place = (ROOT + b"/%d" % number, stamp(number), number)
        fill(catalogue, [(number, signature(picture(number), number))], [place])
    fill(catalogue, [], [], [pair(1, 2), pair(3, 4)])
    standing = StandingGroups(PRESETS["default"], Grouping.STAR)
    with catalogue.read() as snapshot:
        standing.follow(snapshot, None)
        before = {outline.images: outline for outline in standing.select(None, None, None, 9).shown}
    fill(catalogue, [], [(ROOT + b"/copy", stamp(9), 4)])
    with catalogue.read() as snapshot:
        standing.follow(snapshot, frozenset({4}))
        after = {outline.images: outline for outline in standing.select(None, None, None, 9).shown}
    assert [(1, 2), (3, 4)] == sorted(before) == sorted(after)
    assert after[1, 2] is before[1, 2]
    assert (2, 3) == (before[3, 4].files, after[3, 4].files)


def test_a_change_among_many_groups_keeps_their_order(catalogue: Catalogue) -> None:
    """Few changed groups find their places among many without a sort, wherever these are."""
    many = int(3 / SORT_SHARE)
    content = [(n, signature(picture(n), n, size=n)) for n in range(1, many + 1)]
    copies = [
        (ROOT + b"/%d-%d" % (n, copy), stamp(2 * n + copy, size=n), n) for n, _ in content for copy in (0, 1)
    ]
    fill(catalogue, content, copies)
    groups = Groups(catalogue, "default")
    groups.prepare(Looks())
    for number in (1, many // 2, many):
        fill(catalogue, [], [(ROOT + b"/more-%d" % number, stamp(5_000 + number, size=number), number)])
        expected = whole_page(Groups(catalogue, "default"), Grouping.STAR, "default", None)
        assert expected == whole_page(groups, Grouping.STAR, "default", None)


def test_working_out_is_given_up_at_the_end(catalogue: Catalogue) -> None:
    """Whoever waits for the groups of a large library is told, and nobody holds up the daemon's end."""
    fill(catalogue, [(1, signature(picture(1), 1))], [(ROOT + b"/%d" % n, stamp(n), 1) for n in (1, 2)])
    groups = Groups(catalogue, "default")
    groups.close()
    with pytest.raises(Unavailable, match="stopping"):
        groups.page(GroupOptions())
    groups.prepare(Looks())


def test_totals_are_renewed_at_rest(catalogue: Catalogue) -> None:
    """A change is counted once the catalogue has stood still between two looks; nothing is told before."""
    content = [(n, signature(picture(n), n, size=1_000)) for n in (1, 2)]
    fill(catalogue, content, [(ROOT + b"/%d" % n, stamp(n, size=1_000), n) for n in (1, 2)])
    groups = Groups(catalogue, "default")
    seen: list[int | None] = []

    def look() -> None:
        seen.append(None if groups.totals is None else groups.totals.groups)

    def copy(number: int) -> None:
        look()
        fill(catalogue, [], [(ROOT + b"/copy-%d" % number, stamp(10 + number, size=1_000), number)])

    assert groups.totals is None
    groups.prepare(Looks(look, partial(copy, 1), look, partial(copy, 2), look, look))
    assert [0, 0, None, 1, None, 2] == seen


class Looks(Event):
    """The wish to stop, which comes when all of these have been done, one before each look."""

    def __init__(self, *before: Callable[[], None]) -> None:
        super().__init__()
        self._before = list(before)

    def wait(self, _seconds: float | None = None) -> bool:
        """Do the next; whether there is none."""
        if not self._before:
            return True
        self._before.pop(0)()
        return False


def test_only_the_combinations_asked_for_last_are_kept(catalogue: Catalogue) -> None:
    """So that a curious person does not fill the memory; one that was dropped is worked out again."""
    fill(
        catalogue,
        [(n, signature(picture(n), n)) for n in (1, 2)],
        [(ROOT + b"/%d" % n, stamp(n), n) for n in (1, 2)],
        [pair(1, 2, 5)],
    )
    groups = Groups(catalogue, "default")
    asked = [(preset, grouping) for preset in PRESETS for grouping in Grouping]
    for preset, grouping in [*asked, asked[0]]:
        assert 1 == whole_page(groups, grouping, preset, None).totals.groups
        assert len(groups._kept) <= MOST_KEPT
