"""Clustering against slow oracles that follow the definitions word by word."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simd.core.grouping import Cluster, Grouping, cluster
from tests.examples import brief

Edge = tuple[int, int, int]
Apart = frozenset[frozenset[int]]
"""Pairs of images that a person has marked apart."""

images = st.integers(100, 112)
edge_lists = st.lists(st.tuples(images, images, st.integers(0, 3)), max_size=40)
marks = st.frozensets(st.frozensets(images, min_size=2, max_size=2), max_size=12)
ALIKE = dict.fromkeys(range(100, 113), 0)
TIED: Apart = frozenset({frozenset({102, 103})})
"""Two of whom the first to join a cluster keeps the other out."""

TWO_QUARRELS: Apart = frozenset({frozenset({101, 102}), frozenset({106, 107})})
"""In components of their own."""

ranks = st.fixed_dictionaries({image: st.integers(0, 5) for image in range(100, 113)})


def distances(edges: list[Edge]) -> dict[int, dict[int, int]]:
    """Each image's neighbours with their smallest distance."""
    near: dict[int, dict[int, int]] = {}
    for a, b, distance in edges:
        if a != b:
            for one, other in ((a, b), (b, a)):
                row = near.setdefault(one, {})
                row[other] = min(distance, row.get(other, distance))
    return near


def by_definition(
    edges: list[Edge], rank: dict[int, int], grouping: Grouping, apart: Apart = frozenset()
) -> list[Cluster]:
    """The clusters, built from sets and sorted lists alone."""
    near = distances([edge for edge in edges if frozenset(edge[:2]) not in apart])
    order = sorted(near, key=lambda image: (rank[image], image))
    if grouping is Grouping.TRANSITIVE:
        return by_growing(near, order, apart)
    left = list(order)
    clusters = []
    while left:
        keeper = left.pop(0)
        members: set[int] = set()
        candidates = [image for image in left if image in near[keeper]]
        for image in sorted(candidates, key=lambda image: near[keeper][image]):
            fits = members <= near[image].keys() if grouping is Grouping.COMPLETE else True
            if fits and not any(frozenset((image, member)) in apart for member in members):
                members.add(image)
        if members:
            clusters.append(Cluster(keeper, tuple(image for image in left if image in members)))
            left = [image for image in left if image not in members]
    return clusters


def by_growing(near: dict[int, dict[int, int]], order: list[int], apart: Apart) -> list[Cluster]:
    """Sets of images that join along their pairs, unless two who are marked apart would meet."""
    sets = [{image} for image in order]
    pairs = sorted((near[a][b], order.index(a), order.index(b)) for a in near for b in near[a])
    for _, one, other in pairs:
        joined = {image for part in sets if part & {order[one], order[other]} for image in part}
        if not any(frozenset(pair) in apart for pair in combinations(joined, 2)):
            sets = [joined, *(part for part in sets if not part & joined)]
    found = [sorted(part, key=order.index) for part in sets if len(part) > 1]
    return [
        Cluster(keeper, tuple(members))
        for keeper, *members in sorted(found, key=lambda part: order.index(part[0]))
    ]


def as_array(apart: Apart) -> NDArray[np.int64]:
    """Marked pairs as the code under test takes them."""
    return np.array([tuple(pair) for pair in apart], np.int64).reshape(-1, 2)


@pytest.mark.parametrize("grouping", list(Grouping))
@brief(40)
@given(edges=edge_lists, rank=ranks)
def test_clusters_follow_the_definition(edges: list[Edge], rank: dict[int, int], grouping: Grouping) -> None:
    """Keepers, members and their order are those of the plain definition, from a list and an array alike."""
    expected = by_definition(edges, rank, grouping)
    assert expected == cluster(edges, rank, grouping)
    assert expected == cluster(np.array(edges, dtype=np.int64).reshape(-1, 3), rank, grouping)


@pytest.mark.parametrize("grouping", list(Grouping))
@brief(40)
@given(edges=edge_lists, rank=ranks, data=st.data())
def test_order_and_direction_of_edges_do_not_matter(
    edges: list[Edge], rank: dict[int, int], grouping: Grouping, data: st.DataObject
) -> None:
    """Shuffled, reversed and repeated edges give the same clusters."""
    shuffled = data.draw(st.permutations(edges + edges[:5]))
    turned = [
        (b, a, distance) if data.draw(st.booleans()) else (a, b, distance) for a, b, distance in shuffled
    ]
    assert cluster(edges, rank, grouping) == cluster(turned, rank, grouping)


@pytest.mark.parametrize("grouping", list(Grouping))
@brief(40)
@given(edges=edge_lists, rank=ranks)
def test_what_every_clustering_promises(edges: list[Edge], rank: dict[int, int], grouping: Grouping) -> None:
    """No image twice, no cluster of one, the best image keeps, and members are as near as promised."""
    near = distances(edges)
    clusters = cluster(edges, rank, grouping)
    everyone = [image for one in clusters for image in (one.keeper, *one.members)]
    assert len(everyone) == len(set(everyone))
    for one in clusters:
        assert one.members
        assert one.keeper == min((one.keeper, *one.members), key=lambda image: (rank[image], image))
        if grouping is Grouping.STAR:
            assert set(one.members) <= near[one.keeper].keys()
        if grouping is Grouping.COMPLETE:
            assert all(b in near[a] for a, b in combinations((one.keeper, *one.members), 2))


def test_a_chain_is_one_group_only_when_asked() -> None:
    """A pan of five frames: stars and cliques break it, the transitive view keeps it whole."""
    chain = [(1, 2, 4), (2, 3, 4), (3, 4, 4), (4, 5, 4)]
    rank = {1: 2, 2: 1, 3: 3, 4: 4, 5: 5}
    assert [Cluster(2, (1, 3)), Cluster(4, (5,))] == cluster(chain, rank, Grouping.STAR)
    assert [Cluster(2, (1,)), Cluster(3, (4,))] == cluster(chain, rank, Grouping.COMPLETE)
    assert [Cluster(2, (1, 3, 4, 5))] == cluster(chain, rank, Grouping.TRANSITIVE)


def test_complete_takes_the_nearest_first() -> None:
    """Of two neighbours that exclude each other, the nearer one joins, although it ranks lower."""
    edges = [(1, 2, 6), (1, 3, 2)]
    assert [Cluster(1, (3,))] == cluster(edges, {1: 1, 2: 2, 3: 3}, Grouping.COMPLETE)


@pytest.mark.parametrize("grouping", list(Grouping))
def test_no_edges_no_clusters(grouping: Grouping) -> None:
    """Nothing in, nothing out; an image is no duplicate of itself."""
    assert [] == cluster([], {}, grouping)
    assert [] == cluster([(7, 7, 0)], {}, grouping)


def test_an_image_without_rank_is_an_error() -> None:
    """A missing rank is told, not guessed."""
    with pytest.raises(KeyError):
        cluster([(1, 2, 0)], {1: 1}, Grouping.STAR)


class TestMarkedApart:
    """Verdicts of a person: two images that are marked apart never stand in one cluster."""

    @pytest.mark.parametrize("grouping", list(Grouping))
    @brief(40)
    @given(edges=edge_lists, rank=ranks, apart=marks)
    @example(edges=[(100, 101, 0), (100, 103, 1), (101, 102, 1)], rank=ALIKE, apart=TIED)
    @example(
        edges=[(100, 101, 1), (100, 102, 1), (105, 106, 1), (105, 107, 1)], rank=ALIKE, apart=TWO_QUARRELS
    )
    def test_clusters_follow_the_definition(
        self, edges: list[Edge], rank: dict[int, int], grouping: Grouping, apart: Apart
    ) -> None:
        """With any pairs marked, of images that are there and of others."""
        expected = by_definition(edges, rank, grouping, apart)
        assert expected == cluster(edges, rank, grouping, as_array(apart))

    @pytest.mark.parametrize("grouping", list(Grouping))
    @brief(40)
    @given(edges=edge_lists, rank=ranks, apart=marks)
    def test_no_cluster_holds_two_who_are_marked_apart(
        self, edges: list[Edge], rank: dict[int, int], grouping: Grouping, apart: Apart
    ) -> None:
        """Whoever they are near."""
        for one in cluster(edges, rank, grouping, as_array(apart)):
            everyone = (one.keeper, *one.members)
            assert [] == [pair for pair in combinations(everyone, 2) if frozenset(pair) in apart]

    @pytest.mark.parametrize("grouping", list(Grouping))
    @brief(40)
    @given(edges=edge_lists, more=edge_lists, rank=ranks, apart=marks)
    def test_components_without_a_mark_are_clustered_as_before(
        self, edges: list[Edge], more: list[Edge], rank: dict[int, int], grouping: Grouping, apart: Apart
    ) -> None:
        """What is decided about some images changes nothing of others that no pairs lead to."""
        elsewhere = [(a + 100, b + 100, distance) for a, b, distance in more]
        both = rank | {image + 100: place for image, place in rank.items()}
        expected = cluster(edges, rank, grouping, as_array(apart)) + cluster(elsewhere, both, grouping)
        assert sorted(expected) == sorted(cluster(edges + elsewhere, both, grouping, as_array(apart)))

    @pytest.mark.parametrize("grouping", list(Grouping))
    def test_the_rest_of_the_group_stays_together(self, grouping: Grouping) -> None:
        """Of two who are marked apart, the one that is nearer to the keeper stays with it."""
        edges = [(1, 2, 6), (1, 3, 2), (2, 3, 1), (1, 4, 3), (3, 4, 3)]
        rank = {1: 1, 2: 2, 3: 3, 4: 4}
        assert [Cluster(1, (3, 4))] == cluster(edges, rank, grouping, np.array([(3, 2)]))

    def test_whoever_is_left_out_may_keep_a_star_of_its_own(self) -> None:
        """Whose members are near the one that was left out, and near no better one."""
        edges = [(1, 2, 6), (1, 3, 2), (2, 5, 1)]
        rank = {1: 1, 2: 2, 3: 3, 5: 5}
        expected = [Cluster(1, (3,)), Cluster(2, (5,))]
        assert expected == cluster(edges, rank, Grouping.STAR, np.array([(2, 3)]))
