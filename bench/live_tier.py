"""Where pybktree stops paying: the live tier's BK-tree beside a scan of the same hashes, and freezes.

The live tier asks its tree where that is quicker than the scan. A freeze costs by what is frozen, so
the later it comes, the less of it falls to each image, but the longer is the scan of every search.
These figures are why ``TREE_NODES``, ``TREE_RADIUS`` and ``FREEZE_AT`` are what they are. All of it
is processor time of one thread.
"""

from collections.abc import Iterator
from time import thread_time

import numpy as np

from bench.hashes import Hashes, clustered, uniform
from bench.peers import Tree, seconds
from bench.table import Options, Row
from simd.index import HashIndex
from simd.index.live import TREE_NODES, TREE_RADIUS
from simd.index.scan import scan
from simd.index.two_tier import FREEZE_AT

HASHES_ALONE = True
NODES = (4, 8, 16, 64, 256, 1_024, 4_096, 8_192, 16_384)
RADII = (0, 1, 4, 8, 12)
RADIUS = 8
QUERIES = 200
TREE_QUERIES = 40
FROZEN = (1_000_000,)
FULL_AT = (2_048, 4_096, 8_192, 16_384, 32_768, 65_536)


def run(options: Options) -> Iterator[Row]:
    """Measure both ways of searching; then freezes of a million hashes, unless told otherwise."""
    rng = np.random.default_rng(22)
    for nodes in NODES:
        hashes = uniform(nodes, rng)
        tree = Tree(hashes)
        queries = rng.choice(hashes, QUERIES) ^ np.uint64(1)
        for radius in RADII:
            name = f"live tier of {nodes:,}, radius {radius}: scan"
            in_tree = nodes <= TREE_NODES or radius <= TREE_RADIUS
            asked = "the tree is asked" if in_tree else "scanned"
            theirs = seconds(tree, queries[:TREE_QUERIES], radius)
            yield Row(name, _scan_seconds(hashes, queries, radius), "s", "pybktree", theirs, None, asked)
    for size in options.sizes or FROZEN:
        yield from _freezes(size, rng)


def _scan_seconds(hashes: Hashes, queries: Hashes, radius: int) -> float:
    wanted = queries.tolist()
    begun = thread_time()
    for query in wanted:
        scan(hashes, query, radius)
    return (thread_time() - begun) / len(wanted)


def _freezes(size: int, rng: np.random.Generator) -> Iterator[Row]:
    hashes = clustered(size, rng)
    index = HashIndex.build(hashes, np.arange(size))
    frozen = size
    for full_at in FULL_AT:
        fresh = uniform(full_at, rng)
        for image_id, hash_ in enumerate(fresh.tolist(), frozen):
            index.add(hash_, image_id)
        begun = thread_time()
        index.freeze()
        each = (thread_time() - begun) / full_at
        frozen += full_at
        theirs = _scan_seconds(fresh, rng.choice(hashes, QUERIES), RADIUS)
        note = "as it is" if full_at == FREEZE_AT else ""
        name = f"{size:,} frozen again after {full_at:,}: for each of these"
        yield Row(name, each, "s", "one scan of them", theirs, None, note)
