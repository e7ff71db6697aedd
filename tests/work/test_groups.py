"""Groups from stored pairs: clusters, pages, totals, and what keeping one file would free."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simd.catalogue import Catalogue
from simd.core.answers import Group, GroupPage, MatchKind
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping
from simd.core.keeprules import completed, parse_rules
from simd.core.protection import Protection
from simd.core.questions import GroupOptions
from simd.work.groups import Groups
from simd.work.keeporders import KeepOrders
from tests.work.samples import ROOT, enrol, fill, pair, picture, signature, stamp

Members = list[list[str]]


def put(
    catalogue: Catalogue, number: int, *names: str, size: int = 1_000, pixels: int = 640, inode: int = 0
) -> None:
    """Image ``number``, held by files of these names below ``/photos``; one inode each unless given."""
    content = signature(picture(number), number, size=size, pixels=pixels)
    files = [
        (
            ROOT + b"/" + name.encode(),
            stamp(100 * number + place, size=size, inode=inode or 100 * number + place),
            number,
        )
        for place, name in enumerate(names)
    ]
    fill(catalogue, [(number, content)], files)


def ask(catalogue: Catalogue, **options: object) -> GroupPage:
    """A page of groups."""
    return Groups(catalogue, "default").page(GroupOptions(**options))  # type: ignore[arg-type]  # any options


def names(group: Group) -> list[str]:
    """The names of a group, keeper first."""
    return [member.path.removeprefix("/photos/") for member in group.members]


@pytest.fixture
def chain(catalogue: Catalogue) -> Catalogue:
    """Four images in a row: each is near the next, and the ends are near nothing else.

    ``b`` has most pixels, then ``a``, ``c`` and ``d``.
    """
    for number, (name, pixels) in enumerate([("a", 900), ("b", 1_000), ("c", 800), ("d", 700)], start=1):
        put(catalogue, number, name, pixels=pixels)
    catalogue.write(lambda to: to.put_pairs([pair(1, 2), pair(2, 3), pair(3, 4)])).result()
    return catalogue


class TestGrouping:
    """How pairs become groups."""

    @pytest.mark.parametrize(
        ("grouping", "expected"),
        [
            (Grouping.STAR, [["b", "a", "c"]]),
            (Grouping.COMPLETE, [["b", "a"], ["c", "d"]]),
            (Grouping.TRANSITIVE, [["b", "a", "c", "d"]]),
        ],
    )
    def test_a_chain_is_cut_as_asked(self, chain: Catalogue, grouping: Grouping, expected: Members) -> None:
        """A star stops at the keeper's neighbours, a complete group at pairwise ones, a chain nowhere."""
        page = ask(chain, grouping=grouping)
        assert sorted(expected) == sorted(names(group) for group in page.groups)

    def test_a_preset_reads_the_pairs_that_it_accepts(self, catalogue: Catalogue) -> None:
        """By distance, correlation and colour."""
        for number in range(1, 9):
            put(catalogue, number, f"{number}", pixels=1_000 - number)
        near, recoloured, far, faint = pair(1, 2), pair(3, 4, colour=0.5), pair(5, 6, 12), pair(7, 8, 2, 0.81)
        catalogue.write(lambda to: to.put_pairs([near, recoloured, far, faint])).result()

        found = {
            preset: sorted(names(group) for group in ask(catalogue, preset=preset).groups)
            for preset in ("strict", "default", "loose")
        }

        assert {
            "strict": [["1", "2"]],
            "default": [["1", "2"], ["3", "4"]],
            "loose": [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]],
        } == found
        [recoloured_group] = [g for g in ask(catalogue).groups if names(g) == ["3", "4"]]
        assert [(), ("recoloured",)] == [member.tags for member in recoloured_group.members]

    def test_copies_and_near_duplicates_of_one_image_are_one_group(self, catalogue: Catalogue) -> None:
        """Equal files stand beside their image; a group of equal files alone is identical."""
        put(catalogue, 1, "a", "a copy", pixels=1_000)
        put(catalogue, 2, "near", pixels=900)
        put(catalogue, 3, "b", "b copy")
        catalogue.write(lambda to: to.put_pairs([pair(1, 2)])).result()

        assert [["a", "a copy", "near"]] == [names(g) for g in ask(catalogue, kind=MatchKind.NEAR).groups]
        assert [["b", "b copy"]] == [names(g) for g in ask(catalogue, kind=MatchKind.IDENTICAL).groups]

    def test_each_copy_is_listed_once(self, catalogue: Catalogue) -> None:
        """A member's image names that member's file alone, so that copies do not list each other."""
        put(catalogue, 1, "a", "b", "c")

        [group] = ask(catalogue).groups

        assert [[member.path] for member in group.members] == [
            [file.path for file in member.image.files] for member in group.members
        ]

    def test_what_is_missing_is_in_no_group(self, chain: Catalogue) -> None:
        """Neither as a member nor as a link of a chain, and the next answer knows it."""
        groups = Groups(chain, "default")
        options = GroupOptions(grouping=Grouping.TRANSITIVE)
        assert [["b", "a", "c", "d"]] == [names(group) for group in groups.page(options).groups]

        chain.write(lambda to: to.mark_missing([ROOT + b"/c"])).result()

        assert [["b", "a"]] == [names(group) for group in groups.page(options).groups]


class TestKeepRules:
    """Who is kept, by which rule, and what the others lack."""

    @pytest.fixture
    def shots(self, catalogue: Catalogue) -> Catalogue:
        """A large picture, an edit of it that is newer and smaller, and a copy of each elsewhere."""
        put(catalogue, 1, "inbox/a.jpg", "masters/a (1).jpg", pixels=1_000)
        put(catalogue, 2, "inbox/a-edited.jpg", "masters/b.jpg", pixels=900)
        catalogue.write(lambda to: to.put_pairs([pair(1, 2)])).result()
        return catalogue

    @pytest.mark.parametrize(
        ("rules", "kept", "decided_by", "lacking"),
        [
            (None, "inbox/a.jpg", "resolution", ["fewer pixels", "newer", "longer path"]),
            ("modified:newest", "masters/b.jpg", "modified:newest", ["older", "longer path"]),
            ("prefer:/photos/masters,path", "masters/b.jpg", "path", ["longer path"]),
            ("name", "inbox/a.jpg", "resolution", ["fewer pixels", "newer", "longer path"]),
        ],
    )
    def test_the_rules_choose_and_say_so(
        self, shots: Catalogue, rules: str | None, kept: str, decided_by: str, lacking: list[str]
    ) -> None:
        """Which rule decided, what the other image lacks, and every rule in force."""
        asked = None if rules is None else parse_rules(rules)
        page = ask(shots, keep=asked)
        [group] = page.groups
        assert (kept, decided_by) == (names(group)[0], group.decided_by)
        [other] = {tuple(it.lacks) for it in group.members if it.image.id != group.keeper.id}
        assert [word for word in lacking if word in other] == lacking
        assert [str(rule) for rule in completed(asked or ())] == list(page.keep)

    def test_each_list_of_rules_has_groups_of_its_own(self, shots: Catalogue) -> None:
        """Asking by other rules in between does not change what the usual ones say."""
        groups = Groups(shots, "default")
        lists = [None, parse_rules("modified:newest"), parse_rules("name"), parse_rules("path"), None]
        found = [names(groups.page(GroupOptions(keep=rules)).groups[0])[0] for rules in lists]
        assert ["inbox/a.jpg", "masters/b.jpg", "inbox/a.jpg", "inbox/a.jpg", "inbox/a.jpg"] == found

    def test_copies_lack_what_their_places_do(self, catalogue: Catalogue) -> None:
        """Among equal bytes the rules about places and times decide alone."""
        put(catalogue, 1, "b.jpg", "a (1).jpg")
        [group] = ask(catalogue, keep=parse_rules("name")).groups
        assert ("b.jpg", "name") == (names(group)[0], group.decided_by)
        assert [(), ("named like a copy", "newer", "longer path")] == [it.lacks for it in group.members]


class TestProtection:
    """Files that keep their place."""

    @pytest.mark.parametrize(
        ("protected", "kept", "marked", "clearable"),
        [
            ([b"/photos/keep"], "keep/b.jpg", [True, False, False], True),
            ([b"/photos/keep", b"/photos/a.jpg"], "a.jpg", [True, False, True], True),
            ([b"/photos"], "a.jpg", [True, True, True], False),
            ([b"/elsewhere"], "a.jpg", [False, False, False], True),
        ],
    )
    def test_a_group_without_anything_that_may_go_is_not_offered(
        self, catalogue: Catalogue, protected: list[bytes], kept: str, marked: list[bool], clearable: object
    ) -> None:
        """A protected copy is the one to keep; each file and the group say so."""
        put(catalogue, 1, "a.jpg", "keep/b.jpg", "c.jpg")
        protection = Protection(frozenset(protected))
        groups = Groups(catalogue, "default", order_for=KeepOrders((), (), lambda: protection).order_for)
        [group] = groups.page(GroupOptions()).groups
        assert kept == names(group)[0]
        assert marked == [member.protected for member in group.members]
        assert clearable is group.clearable
        assert (None if clearable else "every file but the keeper is protected") == group.obstacle


class TestReclaimable:
    """What keeping one file of a group would free."""

    def test_it_is_all_but_the_keeper(self, catalogue: Catalogue) -> None:
        """Copies and near-duplicates alike."""
        put(catalogue, 1, "a", "b", "c", size=500, pixels=1_000)
        put(catalogue, 2, "near", size=70, pixels=900)
        catalogue.write(lambda to: to.put_pairs([pair(1, 2)])).result()
        page = ask(catalogue)
        assert [2 * 500 + 70] == [group.reclaimable_bytes for group in page.groups]
        assert (1, 2, 4, 1_070) == (
            page.totals.groups,
            page.totals.images,
            page.totals.files,
            page.totals.reclaimable_bytes,
        )

    def test_hard_links_free_nothing(self, catalogue: Catalogue) -> None:
        """Two names of one inode are one file on the disk, kept or not."""
        put(catalogue, 1, "a", "link to a", size=500, inode=7)
        put(catalogue, 2, "b", "c", size=300)
        fill(catalogue, [], [(ROOT + b"/link to c", stamp(201, size=300), 2)])
        page = ask(catalogue)
        assert {"1": 0, "2": 300} == {group.id: group.reclaimable_bytes for group in page.groups}

    def test_hard_links_across_two_roots_free_nothing(self, catalogue: Catalogue) -> None:
        """Roots on one filesystem share their inodes."""
        enrol(catalogue, b"/more")
        put(catalogue, 1, "a", size=500, inode=7)
        fill(catalogue, [], [(b"/more/a", stamp(1, size=500, inode=7), 1)])
        [group] = ask(catalogue).groups
        assert 0 == group.reclaimable_bytes
        assert "hard link to the keeper: frees nothing" in [member.reason for member in group.members]

    def test_equal_inodes_of_two_filesystems_are_two_files(self, catalogue: Catalogue) -> None:
        """Inode numbers say nothing across filesystems."""
        enrol(catalogue, b"/card", device=2)
        put(catalogue, 1, "a", size=500, inode=7)
        fill(catalogue, [], [(b"/card/a", stamp(1, size=500, inode=7), 1)])
        assert [500] == [group.reclaimable_bytes for group in ask(catalogue).groups]


class TestUnder:
    """Groups with a file in a folder."""

    @pytest.fixture
    def folders(self, catalogue: Catalogue) -> Catalogue:
        """Three groups: inside ``x``, across ``x/deep`` and the top, and in ``xy``."""
        put(catalogue, 1, "x/1", "x/2")
        put(catalogue, 2, "x/deep/1", "top")
        put(catalogue, 3, "xy/1", "xy/2")
        return catalogue

    @pytest.mark.parametrize(
        ("folder", "expected"),
        [
            (b"/photos", {"1", "2", "3"}),
            (b"/photos/x", {"1", "2"}),
            (b"/photos/x/deep", {"2"}),
            (b"/photos/xy", {"3"}),
            (b"/photos/absent", set()),
            (b"/elsewhere", set()),
        ],
    )
    def test_a_folder_means_itself_and_all_below(
        self, folders: Catalogue, folder: bytes, expected: set[str]
    ) -> None:
        """And not a folder whose name begins alike; the totals count what is shown."""
        page = ask(folders, under=folder)
        assert expected == {group.id for group in page.groups}
        assert len(expected) == page.totals.groups


class TestPages:
    """A page at a time."""

    @given(limit=st.integers(1, 9))
    @settings(max_examples=9, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_the_pages_hold_every_group_once_in_order(self, catalogue: Catalogue, limit: int) -> None:
        """Whatever their size; many groups save the same number of bytes, and the totals never change."""
        for number in range(1, 21):
            put(catalogue, number, f"{number}a", f"{number}b", size=100 * (number % 3))
        groups = Groups(catalogue, "default")
        whole = groups.page(GroupOptions())

        pages = [groups.page(GroupOptions(limit=limit))]
        while pages[-1].next_cursor is not None:
            pages.append(groups.page(GroupOptions(limit=limit, cursor=pages[-1].next_cursor)))

        assert 20 == whole.totals.groups == len(whole.groups)
        assert [group.id for group in whole.groups] == [group.id for page in pages for group in page.groups]
        assert {whole.totals} == {page.totals for page in pages}
        assert -(-20 // limit) == len(pages)

    def test_the_largest_savings_come_first(self, catalogue: Catalogue) -> None:
        """So that a person begins where it pays."""
        for number, size in enumerate([10, 30, 20], start=1):
            put(catalogue, number, f"{number}a", f"{number}b", size=size)
        assert [30, 20, 10] == [group.reclaimable_bytes for group in ask(catalogue).groups]

    @pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1", "1-2-3", "٣-٤", "9" * 5_000 + "-1"])
    def test_a_cursor_that_no_page_gave_is_refused(self, catalogue: Catalogue, cursor: str) -> None:
        """With a word on where cursors come from."""
        with pytest.raises(BadRequest, match="no page at cursor"):
            ask(catalogue, cursor=cursor)

    def test_an_unknown_preset_is_refused(self, catalogue: Catalogue) -> None:
        """With the names of those that there are."""
        with pytest.raises(BadRequest) as refused:
            ask(catalogue, preset="vague")
        assert "strict, default, loose" in (refused.value.hint or "")
