"""Verdicts: given, taken back, listed, brought from elsewhere, and felt by groups."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simd.catalogue import Catalogue, Decisions, VerdictTable
from simd.core.answers import Group
from simd.core.errors import BadRequest, CatalogueError, NotFound
from simd.core.grouping import Grouping
from simd.core.questions import GroupOptions, PictureName
from simd.core.stamp import Stamp
from simd.core.verdicts import GivenVerdict, VerdictKind, verdicts_on
from simd.runtime.broadcast import Broadcast
from simd.work.groups import Groups
from simd.work.verdicts import MOST_PICTURES, Verdicts, marks_within
from tests.fakes import FakeClock
from tests.work.samples import ROOT, enrol, fill, pair, picture, signature, stamp

DIFFERENT, SERIES, KEEP = VerdictKind.DIFFERENT, VerdictKind.SERIES, VerdictKind.KEEP


@pytest.fixture
def broadcast() -> Broadcast:
    """Who is told."""
    return Broadcast()


@pytest.fixture
def decisions(tmp_path: Path, clock: FakeClock) -> Decisions:
    """The decisions of a state folder."""
    return Decisions(tmp_path, clock)


@pytest.fixture
def verdicts(decisions: Decisions, library: Catalogue, clock: FakeClock, broadcast: Broadcast) -> Verdicts:
    """The use case."""
    return Verdicts(VerdictTable(decisions), library, clock, broadcast)


@pytest.fixture
def library(catalogue: Catalogue) -> Catalogue:
    """Four pictures that are all near each other, ``1`` the best of them; ``5`` is near nothing."""
    put(catalogue, 1, 2, 3, 4, 5)
    near(catalogue)
    return catalogue


def put(catalogue: Catalogue, *numbers: int, first_id: int = 0) -> None:
    """Pictures in files that bear their numbers."""
    for number in numbers:
        content = signature(picture(number), number, pixels=900 - number)
        place = (ROOT + b"/%d.jpg" % number, stamp(number), first_id + number)
        fill(catalogue, [(first_id + number, content)], [place])


def near(catalogue: Catalogue, first_id: int = 0) -> None:
    """Have 1 to 4 found alike; ``1`` is nearer to ``3`` than to ``2``."""
    found = [pair(1, 2, 5), pair(1, 3, 2), pair(1, 4, 3), pair(2, 3, 4), pair(2, 4, 4), pair(3, 4, 4)]
    moved = [replace(it, a=it.a + first_id, b=it.b + first_id) for it in found]
    catalogue.write(lambda to: to.put_pairs(moved)).result()


def by_path(*numbers: int) -> list[PictureName]:
    """Pictures, named by their files."""
    return [PictureName(path=ROOT + b"/%d.jpg" % number) for number in numbers]


def digest(number: int) -> bytes:
    """The digest of a picture."""
    return signature(picture(number), number).digest


def names(group: Group) -> list[str]:
    """The numbers of a group, the keeper first."""
    return [member.path.removeprefix("/photos/").removesuffix(".jpg") for member in group.members]


def grouped(groups: Groups, grouping: Grouping = Grouping.STAR) -> list[list[str]]:
    """All groups."""
    return sorted(names(group) for group in groups.page(GroupOptions(grouping=grouping)).groups)


class TestEffect:
    """What verdicts do to groups."""

    @pytest.mark.parametrize("grouping", list(Grouping))
    @pytest.mark.parametrize("kind", [DIFFERENT, SERIES])
    def test_a_marked_pair_no_longer_groups_and_the_rest_does(
        self, library: Catalogue, verdicts: Verdicts, grouping: Grouping, kind: VerdictKind
    ) -> None:
        """Of two who are marked apart, the one that is farther from the keeper leaves."""
        groups = Groups(library, "default", verdicts.marks)
        assert [["1", "2", "3", "4"]] == grouped(groups, grouping)
        verdicts.mark(kind, by_path(2, 3))
        assert [["1", "3", "4"]] == grouped(groups, grouping)
        verdicts.unmark(by_path(3, 2))
        assert [["1", "2", "3", "4"]] == grouped(groups, grouping)

    def test_a_verdict_on_several_parts_every_two_of_them(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """A burst of three leaves whatever else is near one of them."""
        verdicts.mark(SERIES, by_path(1, 2, 3))
        assert [["1", "4"]] == grouped(Groups(library, "default", verdicts.marks))

    def test_what_is_to_be_kept_is_the_keeper_and_the_answer_says_so(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """Whatever the rules say of it; where two are to be kept, the rules decide between them."""
        groups = Groups(library, "default", verdicts.marks)
        verdicts.mark(KEEP, by_path(4))
        [group] = groups.page(GroupOptions()).groups
        assert ["4", "1", "2", "3"] == names(group)
        assert ["keeper", *(3 * ["keeper: marked to be kept"])] == [it.reason for it in group.members]
        verdicts.mark(KEEP, by_path(2))
        [group] = groups.page(GroupOptions()).groups
        assert ["2", "4", "1", "3"] == names(group)
        marked = "keeper: marked to be kept"
        assert ["keeper", "keeper: more pixels", marked, marked] == [it.reason for it in group.members]

    def test_what_is_to_be_kept_groups_no_one_whom_it_is_marked_apart_from(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """Both kinds of verdicts hold at once."""
        verdicts.mark(KEEP, by_path(4))
        verdicts.mark(DIFFERENT, by_path(4, 1))
        assert [["4", "2", "3"]] == grouped(Groups(library, "default", verdicts.marks))

    def test_groups_that_a_verdict_does_not_concern_stand(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """They are the same objects afterwards."""
        put(library, 6, 7)
        library.write(lambda to: to.put_pairs([pair(6, 7)])).result()
        groups = Groups(library, "default", verdicts.marks)
        grouped(groups)
        [kept] = groups._kept.values()
        before = kept.groups._of_image[6]
        verdicts.mark(DIFFERENT, by_path(1, 2))
        assert [["1", "3", "4"], ["6", "7"]] == grouped(groups)
        assert before is kept.groups._of_image[6]

    def test_a_new_member_reopens_nothing_that_was_decided(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """It joins the rest of the group, and those who were told apart stay apart."""
        groups = Groups(library, "default", verdicts.marks)
        verdicts.mark(DIFFERENT, by_path(1, 2))
        grouped(groups)
        put(library, 6)
        library.write(lambda to: to.put_pairs([pair(1, 6), pair(2, 6)])).result()
        assert [["1", "3", "4", "6"]] == grouped(groups)

    def test_a_verdict_waits_for_its_pictures(self, library: Catalogue, verdicts: Verdicts) -> None:
        """One from another machine takes effect when the picture comes, and again when it comes back."""
        groups = Groups(library, "default", verdicts.marks)
        absent = PictureName(digest=digest(6))
        assert 2 == verdicts.mark(DIFFERENT, [*by_path(1, 2), absent]).added - 1
        assert [["1", "3", "4"]] == grouped(groups)
        after = datetime(2100, 1, 1, tzinfo=UTC)
        for first_id in (0, 100):
            put(library, 6, first_id=first_id)
            found = [pair(1, 6 + first_id, 1), pair(3, 6 + first_id)]
            library.write(lambda to, found=found: to.put_pairs(found)).result()  # type: ignore[misc]  # a default
            assert [["1", "3", "4"]] == grouped(groups)
            library.write(lambda to: to.mark_missing([ROOT + b"/6.jpg"])).result()
            gone = library.write(lambda to: to.forget_missing(after)).result()
            assert [6 + first_id] == [image_id for image_id, _ in gone]
            assert [["1", "3", "4"]] == grouped(groups)

    def test_verdicts_outlive_moves_and_a_new_catalogue(
        self,
        library: Catalogue,
        verdicts: Verdicts,
        decisions: Decisions,
        tmp_path: Path,
        clock: FakeClock,
        broadcast: Broadcast,
    ) -> None:
        """They go by content: no path and no id of the catalogue is what it was, and the groups are."""
        verdicts.mark(DIFFERENT, by_path(2, 3))
        verdicts.mark(KEEP, by_path(4))
        library.write(lambda to: to.move_file(ROOT + b"/2.jpg", ROOT + b"/moved.jpg", stamp(2))).result()
        assert [["4", "1", "moved"]] == grouped(Groups(library, "default", verdicts.marks))
        (tmp_path / "new").mkdir()
        anew = Catalogue.open(tmp_path / "new", clock)
        try:
            enrol(anew)
            put(anew, 1, 2, 3, 4, first_id=50)
            near(anew, first_id=50)
            again = Verdicts(VerdictTable(decisions), anew, clock, broadcast)
            assert [["4", "1", "2"]] == grouped(Groups(anew, "default", again.marks))
        finally:
            anew.close()

    def test_the_next_answer_knows_though_the_catalogue_refuses(
        self, library: Catalogue, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A verdict that is kept is felt at once; only the count of commits lags behind."""
        groups = Groups(library, "default", verdicts.marks)
        grouped(groups)

        def refuse(_job: object) -> None:
            raise CatalogueError("The disk is full.")

        with monkeypatch.context() as full:
            full.setattr(library, "write", refuse)
            assert 1 == verdicts.mark(DIFFERENT, by_path(1, 2)).added
        assert [["1", "3", "4"]] == grouped(groups)

    def test_a_verdict_is_counted_and_told(
        self, library: Catalogue, verdicts: Verdicts, broadcast: Broadcast
    ) -> None:
        """Whoever goes by the generation looks again, and whoever listens hears which images it is about."""
        before, listening = library.generation(), broadcast.subscribe()
        marked = verdicts.mark(DIFFERENT, by_path(2, 1))
        assert before + 1 == marked.generation
        assert frozenset({1, 2}) == library.touched(before, marked.generation)
        [notice] = listening.take(0)
        assert ("groups", [1, 2], marked.generation) == (
            notice.event,
            notice.data["images"],
            notice.data["generation"],
        )
        again = verdicts.mark(DIFFERENT, by_path(2, 1))
        assert (0, marked.generation) == (again.added, again.generation)


class TestMarks:
    """What is held in memory, against what is worked out now."""

    def test_marks_are_the_same_object_while_nothing_changes(
        self, library: Catalogue, verdicts: Verdicts
    ) -> None:
        """Commits that concern no marked picture cost no new marks."""
        verdicts.mark(DIFFERENT, by_path(1, 2))
        with library.read() as snapshot:
            before = verdicts.marks(snapshot)
        put(library, 6)
        fill(library, [], [(ROOT + b"/copy.jpg", stamp(9), 1)])
        with library.read() as snapshot:
            assert before is verdicts.marks(snapshot)
            assert before == marks_within(verdicts.all(), snapshot)

    def test_an_older_snapshot_does_no_harm(self, library: Catalogue, verdicts: Verdicts) -> None:
        """It gets the marks of the newer one, which know more."""
        with library.read() as older:
            assert older.generation
            verdicts.mark(DIFFERENT, [*by_path(1), PictureName(digest=digest(6))])
            put(library, 6)
            with library.read() as newer:
                assert {(1, 6)} == verdicts.marks(newer).apart
            assert {(1, 6)} == verdicts.marks(older).apart


class TestSaying:
    """What is answered, and what is refused."""

    def test_pictures_are_named_by_path_id_or_digest(self, verdicts: Verdicts) -> None:
        """All three mean the content."""
        verdicts.mark(KEEP, [*by_path(1), PictureName(image_id=2), PictureName(digest=digest(3))])
        assert {(digest(1),), (digest(2),), (digest(3),)} == {it.images for it in verdicts.all()}

    def test_the_later_verdict_wins_and_the_answer_says_so(self, verdicts: Verdicts) -> None:
        """There is one on each pair."""
        verdicts.mark(DIFFERENT, by_path(1, 2))
        marked = verdicts.mark(SERIES, by_path(1, 2, 3))
        assert (2, 1, 0) == (marked.added, marked.replaced, marked.unchanged)
        assert {SERIES} == {row.verdict for row in verdicts.page(9, None).verdicts}
        again = verdicts.mark(SERIES, by_path(1, 2, 3))
        assert (0, 0, 3) == (again.added, again.replaced, again.unchanged)

    @pytest.mark.parametrize(
        ("kind", "pictures", "words"),
        [
            (DIFFERENT, by_path(1), "different is said of two pictures or more"),
            (SERIES, by_path(1), "series is said of two pictures or more"),
            (KEEP, [], "No picture"),
            (DIFFERENT, by_path(1, 2, 1), r"/photos/1\.jpg is named twice"),
            (KEEP, [*by_path(1), PictureName(image_id=1)], r"/photos/1\.jpg and #1 are the same picture"),
            (DIFFERENT, [PictureName(digest=bytes(32))] * (MOST_PICTURES + 1), "201 pictures"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, verdicts: Verdicts, kind: VerdictKind, pictures: Sequence[PictureName], words: str
    ) -> None:
        """With a hint, and nothing is decided."""
        with pytest.raises(BadRequest, match=words) as refused:
            verdicts.mark(kind, pictures)
        assert refused.value.hint
        assert [] == list(verdicts.all())

    @pytest.mark.parametrize(
        "unknown", [PictureName(image_id=99), PictureName(path=b"/photos/99.jpg"), PictureName(path=b"/x")]
    )
    @pytest.mark.parametrize("ask", ["mark", "unmark"])
    def test_an_unknown_picture_is_refused(self, verdicts: Verdicts, unknown: PictureName, ask: str) -> None:
        """The hint says how pictures are named."""
        named = [*by_path(1), unknown]
        asking: Callable[[], object] = (
            (lambda: verdicts.unmark(named)) if ask == "unmark" else (lambda: verdicts.mark(SERIES, named))
        )
        with pytest.raises(NotFound, match="knows no picture") as refused:
            asking()
        assert "digest" in (refused.value.hint or "")
        assert [] == list(verdicts.all())

    def test_a_file_that_has_changed_since_is_refused(
        self, catalogue: Catalogue, verdicts: Verdicts, tmp_path: Path
    ) -> None:
        """A verdict on what it was before would be about another picture than the person sees."""
        enrol(catalogue, bytes(tmp_path))
        changed = tmp_path / "changed.jpg"
        changed.write_bytes(b"now")
        path = bytes(changed)
        fill(catalogue, [], [(path, Stamp.of(changed.lstat()), 5)])
        assert 1 == verdicts.mark(KEEP, [PictureName(path=path)]).added
        changed.write_bytes(b"later")
        with pytest.raises(BadRequest, match="has changed"):
            verdicts.mark(DIFFERENT, [PictureName(path=path), *by_path(1)])

    def test_one_that_is_unmarked_loses_every_verdict(self, verdicts: Verdicts) -> None:
        """Several lose those among them; who has none, loses none."""
        verdicts.mark(DIFFERENT, by_path(1, 2, 3))
        verdicts.mark(KEEP, by_path(1, 2))
        assert 1 == verdicts.unmark(by_path(2, 3)).removed
        assert 3 == verdicts.unmark(by_path(1)).removed
        assert 0 == verdicts.unmark(by_path(1)).removed
        assert [(digest(2),)] == [it.images for it in verdicts.all()]

    def test_the_pages_hold_every_verdict_once_the_newest_first(
        self, verdicts: Verdicts, clock: FakeClock
    ) -> None:
        """Whatever their size; files tell where the pictures are, and unknown ones say nothing."""
        verdicts.mark(SERIES, by_path(1, 2, 3))
        clock.advance(60)
        verdicts.mark(KEEP, [PictureName(digest=digest(9))])
        whole = verdicts.page(100, None)
        pages = [verdicts.page(1, None)]
        while pages[-1].next_cursor is not None:
            pages.append(verdicts.page(1, pages[-1].next_cursor))
        assert (4, None) == (whole.total, whole.next_cursor)
        assert list(whole.verdicts) == [row for page in pages for row in page.verdicts]
        newest, *others = whole.verdicts
        assert (KEEP, None, None) == (newest.verdict, newest.images[0].id, newest.images[0].path)
        assert f"sha256:{digest(9).hex()}" == newest.images[0].digest
        assert {"/photos/1.jpg", "/photos/2.jpg", "/photos/3.jpg"} == {
            image.path for row in others for image in row.images
        }

    @pytest.mark.parametrize("cursor", ["", "x", "1", "1-ab", "٣-" + "0" * 64, "9" * 5_000])
    def test_a_cursor_that_no_page_gave_is_refused(self, verdicts: Verdicts, cursor: str) -> None:
        """With a word on where cursors come from."""
        with pytest.raises(BadRequest, match="no page at cursor"):
            verdicts.page(1, cursor)

    def test_verdicts_from_elsewhere_hold_where_they_are_the_later_ones(
        self, verdicts: Verdicts, clock: FakeClock
    ) -> None:
        """To take the same ones twice changes nothing."""
        verdicts.mark(DIFFERENT, by_path(1, 2))
        verdicts.mark(DIFFERENT, by_path(1, 3))
        elsewhere: list[GivenVerdict] = [
            *verdicts_on(SERIES, [digest(1), digest(2)], clock.now() - timedelta(days=1)),
            *verdicts_on(SERIES, [digest(1), digest(3)], clock.now() + timedelta(days=1)),
            *verdicts_on(KEEP, [digest(77)], clock.now()),
        ]
        taken = verdicts.accept(elsewhere)
        assert (1, 1, 1) == (taken.added, taken.replaced, taken.unchanged)
        kinds = {it.images: it.kind for it in verdicts.all()}
        assert DIFFERENT is kinds[elsewhere[0].images]
        assert SERIES is kinds[elsewhere[1].images]
        assert 3 == verdicts.accept(elsewhere).unchanged

    def test_the_next_start_knows_what_this_one_knew(
        self, verdicts: Verdicts, library: Catalogue, decisions: Decisions, clock: FakeClock
    ) -> None:
        """To the second, which is how moments are kept."""
        verdicts.mark(SERIES, by_path(1, 2, 3))
        again = Verdicts(VerdictTable(decisions), library, clock, Broadcast())
        assert set(verdicts.all()) == set(again.all())
