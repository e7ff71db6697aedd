"""Clustering against slow oracles that follow the definitions word by word."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.grouping import Cluster, Grouping, cluster

Edge = tuple[int, int, int]

images = st.integers(100, 112)
edge_lists = st.lists(st.tuples(images, images, st.integers(0, 3)), max_size=40)
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


def by_definition(edges: list[Edge], rank: dict[int, int], grouping: Grouping) -> list[Cluster]:
    """The clusters, built from sets and sorted lists alone."""
    near = distances(edges)
    left = sorted(near, key=lambda image: (rank[image], image))
    clusters = []
    while left:
        keeper = left.pop(0)
        if grouping is Grouping.STAR:
            members = {image for image in left if image in near[keeper]}
        elif grouping is Grouping.COMPLETE:
            members = set()
            candidates = [image for image in left if image in near[keeper]]
            for image in sorted(candidates, key=lambda image: near[keeper][image]):
                if members <= near[image].keys():
                    members.add(image)
        else:
            members = set()
            fringe = {keeper}
            while fringe:
                fringe = {image for image in left if fringe & near[image].keys()} - members
                members |= fringe
        if members:
            clusters.append(Cluster(keeper, tuple(image for image in left if image in members)))
            left = [image for image in left if image not in members]
    return clusters


@pytest.mark.parametrize("grouping", list(Grouping))
@settings(deadline=None)
@given(edges=edge_lists, rank=ranks)
def test_clusters_follow_the_definition(edges: list[Edge], rank: dict[int, int], grouping: Grouping) -> None:
    """Keepers, members and their order are those of the plain definition, from a list and an array alike."""
    expected = by_definition(edges, rank, grouping)
    assert expected == cluster(edges, rank, grouping)
    assert expected == cluster(np.array(edges, dtype=np.int64).reshape(-1, 3), rank, grouping)


@pytest.mark.parametrize("grouping", list(Grouping))
@settings(deadline=None)
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
@settings(deadline=None)
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
