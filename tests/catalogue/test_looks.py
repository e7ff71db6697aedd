"""What closer looks have found is kept with its pair, and goes with it."""

from collections.abc import Collection

from simd.catalogue import Catalogue
from simd.core.judgement import Judgement, PairLook
from tests.catalogue.samples import make_pair, make_signature

ALTERED = PairLook(1, 2, Judgement.ALTERED, "another one, larger", "another one, smaller")
SAME = PairLook(2, 3, Judgement.SAME, "same picture", "same picture")


def put(catalogue: Catalogue, *looks: PairLook) -> None:
    """Keep looks."""
    catalogue.write(lambda to: to.put_looks(looks)).result()


def kept(catalogue: Catalogue) -> Collection[PairLook]:
    """All that there are."""
    with catalogue.read() as snapshot:
        return list(snapshot.looks().values())


def fill(catalogue: Catalogue) -> None:
    """Three images, of which the first two and the last two are pairs."""
    catalogue.write(lambda to: to.put_images([(n, make_signature(n)) for n in (1, 2, 3)])).result()
    catalogue.write(lambda to: to.put_pairs([make_pair(1, 2), make_pair(2, 3)])).result()
    put(catalogue, ALTERED, SAME)


def test_looks_come_back_by_their_pairs(catalogue: Catalogue) -> None:
    """Asked for by the smaller image of each; a new look takes the place of the old one."""
    fill(catalogue)
    with catalogue.read() as snapshot:
        assert {(1, 2): ALTERED} == snapshot.looks_among([1, 3])
        assert {(1, 2): ALTERED, (2, 3): SAME} == snapshot.looks()
    changed = PairLook(2, 3, Judgement.TONED, "lighter", "darker")
    put(catalogue, changed)
    assert [ALTERED, changed] == kept(catalogue)


def test_what_is_known_already_is_no_change(catalogue: Catalogue) -> None:
    """The same look again makes no new generation, for whoever waits for one."""
    fill(catalogue)
    before = catalogue.generation()
    put(catalogue, ALTERED, SAME)
    assert before == catalogue.generation()


def test_only_of_stored_pairs(catalogue: Catalogue) -> None:
    """A look at two images that are no pair, or that are not there, is passed over."""
    fill(catalogue)
    put(catalogue, PairLook(1, 3, Judgement.SAME, "", ""), PairLook(7, 8, Judgement.SAME, "", ""))
    assert [ALTERED, SAME] == kept(catalogue)


def test_a_look_goes_with_its_pair(catalogue: Catalogue) -> None:
    """Whether the pair holds no longer, or one of its images is read anew; others stay."""
    fill(catalogue)
    catalogue.write(lambda to: to.put_pairs([make_pair(1, 2, distance=5)])).result()
    assert [ALTERED, SAME] == kept(catalogue)
    catalogue.write(lambda to: to.drop_pairs([(1, 2)])).result()
    assert [SAME] == kept(catalogue)
    catalogue.write(lambda to: to.drop_pairs_of([3])).result()
    assert [] == kept(catalogue)
