"""What a report shows of groups, and what goes with it."""

from base64 import b64encode
from dataclasses import replace

import pytest

from simd.catalogue import Catalogue
from simd.core.answers import (
    Category,
    Note,
)
from simd.core.judgement import Judgement, PairLook
from simd.core.keeprules import KeepOrder, completed, parse_rules
from simd.core.model import ProblemCode
from simd.core.protection import Protection
from simd.core.questions import GroupOptions
from simd.core.report.categories import category_of
from simd.work.groups import Groups
from simd.work.keeporders import KeepOrders
from simd.work.report.cards import MEMBERS
from simd.work.report.gather import Wanted, gather
from tests.work.report.gathering import (
    ORDER,
    ask,
    ask_again,
    fill_library,
    join,
    names,
    put,
    put_at,
)
from tests.work.samples import ROOT, enrol, fill, pair, picture, signature, stamp


@pytest.fixture
def library(catalogue: Catalogue) -> Catalogue:
    """One group of each category, and a picture without any."""
    return fill_library(catalogue)


class TestCards:
    """What a card shows, and the pictures that it wants."""

    def test_a_thousand_copies_do_not_hide_the_others(self, catalogue: Catalogue) -> None:
        """One file of each image comes first; the card says how many it does not show."""
        put(catalogue, 1, *(f"copy {number:04d}" for number in range(1_000)), pixels=900)
        put(catalogue, 2, "near", "near copy", pixels=800)
        join(catalogue, 1, 2)

        gathered = ask(catalogue)

        [card] = gathered.report.cards
        assert (MEMBERS, 1_002 - MEMBERS) == (len(card.group.members), card.hidden_members)
        assert ["copy 0000", "near"] == [names(card)[0], names(card)[-1]]
        assert MEMBERS == len(card.group.keeper.files) == len(card.differences) == len(card.doubts)
        assert [1, 2] == [wanted.image_id for wanted in gathered.wanted]

    def test_a_copy_without_colour_is_said_to_be_one(self, catalogue: Catalogue) -> None:
        """Grey beside colour passes for the same picture, and nobody shall lose the colours unawares."""
        put(catalogue, 1, "coloured", pixels=900)
        grey = replace(picture(1), rgb=bytes([120]) * len(picture(1).rgb))
        fill(catalogue, [(2, signature(grey, 2, pixels=900))], [(ROOT + b"/grey", stamp(200), 2)])
        catalogue.write(lambda to: to.put_pairs([pair(1, 2, colour=None)])).result()

        [card] = ask(catalogue).report.cards

        assert ["coloured", "grey"] == names(card)
        assert [(), ("no colour",)] == list(card.differences)

    def test_what_a_closer_look_doubts_is_doubtful(self, catalogue: Catalogue) -> None:
        """The card says what was found, and stands among the doubtful, though the hashes have no tag."""
        put(catalogue, 1, "kept", pixels=900)
        put(catalogue, 2, "other", pixels=800)
        join(catalogue, 1, 2)
        look = PairLook(1, 2, Judgement.REFRAMED, "wider", "narrower")
        catalogue.write(lambda to: to.put_looks([look])).result()

        [card] = ask(catalogue).report.cards

        assert Category.DOUBTFUL is card.category is category_of(card.group)
        assert [False, True] == list(card.doubts)
        assert "narrower" in card.differences[1]

    def test_pictures_are_wanted_once_in_the_order_of_the_page(self, library: Catalogue) -> None:
        """The news first; equal bytes need one picture; a file at hand comes before one that is not."""
        disk = enrol(library, b"/disk", device=5)
        put_at(library, 6, b"/disk/alone")
        put_at(library, 7, b"/disk/c", b"/disk/d", size=2_000)
        first = ask(library)
        put_at(library, 6, ROOT + b"/alone", size=50)
        put(library, 8, "late/a", "late/b", size=10)
        library.write(lambda to: to.set_root_online(disk.id, online=False)).result()

        wanted = ask_again(library, first).wanted

        late = Wanted(8, ROOT + b"/late/a", stamp(800, size=10))
        assert late == wanted[0]
        assert sorted([1, 2, 3, 4, 5, 6, 7, 8]) == sorted(it.image_id for it in wanted)
        by_image = {it.image_id: it for it in wanted}
        assert Wanted(6, ROOT + b"/alone", stamp(600, size=50)) == by_image[6]
        assert Wanted(7, b"/disk/c", None) == by_image[7]

    def test_no_more_cards_than_asked_for(self, library: Catalogue) -> None:
        """What is not shown is counted, in the totals of its section too."""
        report = ask(library, replace(ORDER, groups_shown=2)).report
        assert [["same/a", "same/b"], ["near/a", "other/a"]] == [names(card) for card in report.cards]
        assert [0, 0, 1] == [part.hidden_groups for part in report.sections]
        assert 1 == report.sections[2].totals.totals.groups


class TestAllGroups:
    """What goes with the report."""

    def test_every_group_is_streamed_as_groups_answers_it(self, library: Catalogue) -> None:
        """Shown or not, in the same order."""
        expected = Groups(library, "default").page(GroupOptions()).groups
        with library.read() as snapshot:
            gathered = gather(snapshot, replace(ORDER, groups_shown=1))
            assert expected == list(gathered.groups())
            assert expected == list(gathered.groups()), "a second time"

    def test_the_rules_of_the_order_choose_the_keepers(self, library: Catalogue) -> None:
        """In the groups, on the cards and in the records alike, as asking for these rules does."""
        rules, kept = parse_rules("modified:newest"), Protection(frozenset({b"/photos/same"}))
        order = replace(ORDER, keep=KeepOrder(completed(rules), protection=kept))
        groups = Groups(library, "default", order_for=KeepOrders((), (), lambda: kept).order_for)
        expected = groups.page(GroupOptions(keep=rules)).groups
        with library.read() as snapshot:
            gathered = gather(snapshot, order)
            assert expected == list(gathered.groups())
        paths = [group.path for group in expected]
        assert paths == [record.path for record in gathered.records]
        assert sorted(paths) == sorted(card.group.path for card in gathered.report.cards)
        assert "/photos/same/b" in paths
        assert [False, True, True] == [group.clearable for group in expected]

    def test_every_group_has_a_record(self, library: Catalogue) -> None:
        """By content: 8 bytes of each digest."""
        records = ask(library, replace(ORDER, groups_shown=0)).records
        with library.read() as snapshot:
            images = snapshot.images([1, 2, 3])
        digests = {number: row.digest[:8].hex() for number, row in images.items()}
        assert (digests[1], (digests[1],), 2, 300, "/photos/same/a", None) == (
            records[0].keeper,
            records[0].images,
            records[0].files,
            records[0].reclaimable_bytes,
            records[0].path,
            records[0].path_b64,
        )
        assert (digests[2], digests[3]) == records[1].images

    def test_a_name_that_is_not_text_is_recorded_whole(self, catalogue: Catalogue) -> None:
        """Escaped for reading, and in Base64."""
        put_at(catalogue, 1, ROOT + b"/\xff", ROOT + b"/longer\xff")
        [record] = ask(catalogue).records
        assert ("/photos/\\xff", b64encode(ROOT + b"/\xff").decode()) == (record.path, record.path_b64)


def test_troubles_have_a_remedy_and_the_first_paths(library: Catalogue) -> None:
    """The most frequent first; the notes of the daemon go with them."""
    bad = [(ROOT + b"/bad/%d" % n, None, ProblemCode.CORRUPT, "Bad.") for n in range(7)]
    bad += [(ROOT + b"/\xff", None, ProblemCode.EMPTY, "It is empty.")]
    library.write(lambda to: to.put_problems(bad)).result()
    note = Note(message="A root is away.", hint=None)

    report = ask(library, replace(ORDER, notes=[note])).report

    assert [("corrupt", 7, [f"/photos/bad/{n}" for n in range(5)]), ("empty", 1, ["/photos/\\xff"])] == [
        (it.code, it.files, it.paths) for it in report.troubles
    ]
    assert all(it.reason and it.remedy for it in report.troubles)
    assert (8, [note]) == (report.head.problems, report.notes)
