"""What reports ask of the catalogue: previews, how much is there, what failed."""

from collections.abc import Callable

from simd.catalogue import Catalogue, PresentFiles, ProblemKind, Transaction
from simd.core.model import ProblemCode, Root
from simd.core.stamp import Stamp
from tests.catalogue.samples import ROOT, make_signature, make_stamp


def images(*numbers: int) -> Callable[[Transaction], None]:
    """A job that puts images."""
    return lambda to: to.put_images([(number, make_signature(number)) for number in numbers])


def previews(catalogue: Catalogue, *image_ids: int) -> dict[int, bytes]:
    """The previews that are kept."""
    with catalogue.read() as snapshot:
        return snapshot.previews(image_ids)


def sized(size: int, inode: int) -> Stamp:
    """A stamp of a file of some bytes."""
    return Stamp(size, 1, 1, inode)


class TestPreviews:
    """Small pictures that are kept from one report to the next."""

    def test_they_come_back_as_they_were_put(self, catalogue: Catalogue) -> None:
        """By image; a second one replaces the first."""
        catalogue.write(images(1, 2, 3)).result()
        catalogue.write(lambda to: to.put_previews([(1, b"one"), (2, b"two")])).result()
        catalogue.write(lambda to: to.put_previews([(2, b"another\0")])).result()
        assert {1: b"one", 2: b"another\0"} == previews(catalogue, 1, 2, 3, 4)

    def test_an_image_that_is_gone_has_none(self, catalogue: Catalogue) -> None:
        """Whether it went before or after its preview came."""
        catalogue.write(images(1, 2)).result()
        catalogue.write(lambda to: to.put_previews([(1, b"one"), (99, b"gone")])).result()
        assert {1: b"one"} == previews(catalogue, 1, 99)
        catalogue.write(lambda to: to.forget_missing(to._now)).result()
        assert {} == previews(catalogue, 1, 99)
        assert [] == catalogue.check().result()

    def test_only_wanted_ones_are_kept(self, catalogue: Catalogue) -> None:
        """More ids than a statement takes are no trouble, and no id at all drops everything."""
        numbers = range(1, 1_200)
        catalogue.write(images(*numbers)).result()
        catalogue.write(lambda to: to.put_previews([(number, b"x") for number in numbers])).result()
        catalogue.write(lambda to: to.keep_previews(range(2, 5_000))).result()
        assert 1_198 == len(previews(catalogue, *numbers))
        catalogue.write(lambda to: to.keep_previews([])).result()
        assert {} == previews(catalogue, *numbers)


class TestPresentFiles:
    """How much is there."""

    def test_hard_links_occupy_their_bytes_once(self, catalogue: Catalogue, root: Root) -> None:
        """Within a filesystem; the same inode of another one is another file."""
        catalogue.write(lambda to: to.enrol_root(b"/more", root.device, 7, "ext4")).result()
        catalogue.write(lambda to: to.enrol_root(b"/card", root.device + 1, 7, "vfat")).result()
        files = [
            (ROOT + b"/a", sized(500, 1), None),
            (ROOT + b"/link", sized(500, 1), None),
            (b"/more/link", sized(500, 1), None),
            (b"/card/other", sized(30, 1), None),
            (ROOT + b"/b", sized(4, 2), None),
        ]
        catalogue.write(lambda to: to.put_files(files)).result()
        with catalogue.read() as snapshot:
            assert PresentFiles(files=5, bytes=534) == snapshot.present_files()

    def test_what_is_away_is_not_counted(self, catalogue: Catalogue, root: Root) -> None:
        """Neither missing files nor those of a root that is offline, linked or not."""
        away = catalogue.write(lambda to: to.enrol_root(b"/disk", root.device, 7, "ext4")).result()
        files = [(b"/disk/a", sized(500, 1), None), (ROOT + b"/a", sized(500, 1), None)]
        files += [(ROOT + b"/gone", sized(60, 2), None), (ROOT + b"/b", sized(7, 2), None)]
        catalogue.write(lambda to: to.put_files(files)).result()
        catalogue.write(lambda to: to.mark_missing([ROOT + b"/gone"])).result()
        catalogue.write(lambda to: to.set_root_online(away.id, online=False)).result()
        with catalogue.read() as snapshot:
            assert PresentFiles(files=2, bytes=507) == snapshot.present_files()


def test_problems_are_told_by_their_kind(catalogue: Catalogue, root: Root) -> None:
    """The most frequent first, with the first paths of each; what is missing or solved is left out."""
    bad = [(ROOT + b"/bad/%d\xff" % n, None, ProblemCode.TRUNCATED, f"Bad in way {n}.") for n in range(4)]
    bad += [(ROOT + b"/empty", None, ProblemCode.EMPTY, "It is empty.")]
    bad += [(ROOT + b"/gone", None, ProblemCode.IO, "The disk failed.")]

    def job(to: Transaction) -> None:
        to.put_images([(1, make_signature(1))])
        to.put_problems(bad)
        to.mark_missing([ROOT + b"/gone"])
        to.put_files([(ROOT + b"/bad/0\xff", make_stamp(), 1)])

    catalogue.write(job).result()
    with catalogue.read() as snapshot:
        assert [
            ProblemKind(ProblemCode.TRUNCATED, 3, (ROOT + b"/bad/1\xff", ROOT + b"/bad/2\xff")),
            ProblemKind(ProblemCode.EMPTY, 1, (ROOT + b"/empty",)),
        ] == snapshot.problem_kinds(2)
