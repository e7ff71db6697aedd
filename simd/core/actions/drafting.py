"""Which files of many groups may go, and what stays instead of each.

The groups of a large library are gone through all at once, by columns: one by one they take ten times as
long. A *row* is that of a file in an :class:`~simd.core.actions.inventory.Inventory`, a *slot* the place of
an image among those of all groups.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from simd.core.actions.inventory import Inventory
from simd.core.answers.likeness import MatchKind
from simd.core.holdings import Holdings
from simd.core.keeping import BY_PATH, merit
from simd.core.keeprules import Criterion
from simd.core.protection import lies_within

Rows = NDArray[np.int64]

SAME_BYTES = "same bytes"
MARKED = "marked to be kept"
"""In place of a keep rule: a verdict put the one that is kept before one that ranks better."""


@dataclass(frozen=True)
class Roster:
    """Groups as columns.

    Attributes:
        images: of all groups, one after the other; of each the one that is worth keeping first.
        groups: the number of the group of each image, from 0 on.
        files: how many files each group has that are not missing.
        marked: so many images of each group, which come first, are to be kept whatever they look like.
    """

    images: Rows
    groups: Rows
    files: Rows
    marked: Rows

    @classmethod
    def of(cls, images: Sequence[Sequence[int]], files: Sequence[int], marked: Sequence[int]) -> "Roster":
        """Groups by their images, one or more each; no image is in two of them."""
        sizes = [len(group) for group in images]
        return cls(
            np.fromiter(chain.from_iterable(images), np.int64, sum(sizes)),
            np.repeat(np.arange(len(sizes)), sizes),
            np.array(files, np.int64),
            np.array(marked, np.int64),
        )

    @cached_property
    def starts(self) -> Rows:
        """The slot of the first image of each group."""
        found: Rows = np.searchsorted(self.groups, np.arange(len(self.files)))
        return found

    def slots(self, images: Rows) -> Rows:
        """Where these images stand, each of which is in a group."""
        order = np.argsort(self.images)
        found: Rows = order[np.searchsorted(self.images[order], images)]
        return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What may go.

    Attributes:
        kind: only files of this kind. Where equal bytes are meant, every image keeps its best file.
        equal_only: the same, as for links.
        under: only files at or below one of these paths; anywhere where there are none.
        doubtful: pairs of images, the smaller id first, that are not the same after all.
    """

    kind: MatchKind | None = None
    equal_only: bool = False
    under: Sequence[bytes] = ()
    doubtful: Collection[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Untouched:
    """How many files are left alone, by the reason.

    Attributes:
        away: on a disk that is away, or kept by a file that is.
        protected, doubtful: as it says.
        linked: another name of the file that is kept.
    """

    away: int = 0
    protected: int = 0
    doubtful: int = 0
    linked: int = 0


@dataclass(frozen=True)
class Losses:
    """Files that may go, in the order of their groups, as parallel columns.

    Attributes:
        rows: of the files.
        keepers: rows of the files that stay instead.
        near: whether the two only look the same.
        freed: bytes; of several names of one file the last frees them, if all go.
        whys: for a person.
        untouched: those that are left alone.
    """

    rows: Rows
    keepers: Rows
    near: NDArray[np.bool_]
    freed: Rows
    whys: Sequence[str]
    untouched: Untouched = field(default_factory=Untouched)


def losses(roster: Roster, stock: Inventory, terms: Terms) -> Losses:
    """The files that may go: all but the best of each group, and but the best of each image that is marked.

    Args:
        roster: the groups.
        stock: every file of their images that is not missing.
        terms: what may go.
    """
    slots = roster.slots(stock.holdings.images)
    rows, keepers, away = _outranked(roster, stock, slots, terms)
    near = slots[rows] != slots[keepers]
    if terms.kind is not None:
        meant = near == (terms.kind is MatchKind.NEAR)
        rows, keepers, near = rows[meant], keepers[meant], near[meant]
    going, spared = _sifted(stock, rows, keepers, terms)
    rows, keepers, near = rows[going], keepers[going], near[going]
    return Losses(
        rows=rows,
        keepers=keepers,
        near=near,
        freed=_freed(stock.holdings, rows, slots, roster.groups),
        whys=_whys(stock, rows, keepers, near),
        untouched=Untouched(away, *spared),
    )


def _outranked(roster: Roster, stock: Inventory, slots: Rows, terms: Terms) -> tuple[Rows, Rows, int]:
    """The files at hand that something better stays for, with that; and how many are not at hand."""
    ordered = _in_order(stock, slots)
    held = np.zeros(len(roster.images), np.bool_)
    held[slots[ordered]] = True
    best = np.full(len(roster.images), -1)
    best[slots[ordered[::-1]]] = ordered[::-1]  # the last that is written is the first in order
    alive = held[roster.starts]
    at_hand = np.bincount(roster.groups[slots[ordered]], minlength=len(alive))
    away = int(np.where(alive, roster.files - at_hand, roster.files - 1).sum())
    rows = ordered[alive[roster.groups[slots[ordered]]]]
    keepers = best[_instead(roster, held, terms)[slots[rows]]]
    outranked = rows != keepers
    return rows[outranked], keepers[outranked], away


def _in_order(stock: Inventory, slots: Rows) -> Rows:
    """The files at hand by their slots; those of one image by their paths behind the best of them."""
    rows = np.flatnonzero(stock.present)
    ranks = np.zeros(len(slots), np.int64)
    counts = np.bincount(slots[rows])
    several = rows[counts[slots[rows]] > 1]
    if len(several):
        ranks[several] = _ranks(stock.holdings.take(several), slots[several].tolist())
    found: Rows = rows[np.lexsort((ranks[rows], slots[rows]))]
    return found


def _ranks(copies: Holdings, slots: Sequence[int]) -> Rows:
    """Numbers by which the files of each image sort: the best first, the others by path."""
    best = set(copies.best_rows.tolist())
    in_order = sorted(range(len(slots)), key=lambda row: (slots[row], row not in best, copies.paths[row]))
    ranks = np.empty(len(slots), np.int64)
    ranks[in_order] = np.arange(len(slots))
    return ranks


def _instead(roster: Roster, held: NDArray[np.bool_], terms: Terms) -> Rows:
    """For each image the slot of the one whose best file stays instead of its own files."""
    own = np.arange(len(held))
    if terms.equal_only or terms.kind is MatchKind.IDENTICAL:
        return own
    first = roster.starts[roster.groups]
    before: Rows = np.cumsum(held) - held
    place: Rows = before - before[first]
    marked = held & (own - first < roster.marked[roster.groups])
    wanted = np.bincount(roster.groups[marked], minlength=len(roster.files))
    return np.where(place >= wanted[roster.groups], first, own)


def _sifted(
    stock: Inventory, rows: Rows, keepers: Rows, terms: Terms
) -> tuple[NDArray[np.bool_], tuple[int, int, int]]:
    """Which of these go; and how many stay for they are protected, doubtful, or other names of a file."""
    held, protection = stock.holdings, stock.holdings.order.protection
    going = np.ones(len(rows), np.bool_)
    if terms.under:
        going = _each(rows, lambda row: any(lies_within(held.paths[row], place) for place in terms.under))
    obstacles = (
        _each(rows if protection else rows[:0], lambda row: protection.covers(held.paths[row])),
        _doubtful(held, rows, keepers, terms.doubtful),
        (held.inodes[rows] == held.inodes[keepers]) & (held.devices[rows] == held.devices[keepers]),
    )
    counts = []
    for obstacle in obstacles:
        met = going & obstacle if len(obstacle) else np.zeros(len(rows), np.bool_)
        counts.append(int(met.sum()))
        going &= ~met
    protected, doubtful, linked = counts
    return going, (protected, doubtful, linked)


def _doubtful(
    held: Holdings, rows: Rows, keepers: Rows, doubtful: Collection[tuple[int, int]]
) -> NDArray[np.bool_]:
    """Whether a closer look has contradicted what the hashes say of two files; empty where nobody looked."""
    if not doubtful:
        return np.empty(0, np.bool_)
    ones, others = held.images[rows], held.images[keepers]
    pairs = zip(np.minimum(ones, others).tolist(), np.maximum(ones, others).tolist(), strict=True)
    return np.fromiter((pair in doubtful for pair in pairs), np.bool_, len(rows))


def _each(rows: Rows, holds: Callable[[int], bool]) -> NDArray[np.bool_]:
    return np.fromiter(map(holds, rows.tolist()), np.bool_, len(rows))


def _freed(held: Holdings, rows: Rows, slots: Rows, groups: Rows) -> Rows:
    """What each file frees: of several names of one file the last that goes, if all go."""
    freed: Rows = held.sizes[rows]
    _, which, counts = np.unique(held.inodes, return_inverse=True, return_counts=True)
    shared = counts[which] > 1
    if not shared[rows].any():
        return freed
    losing = np.zeros(len(groups), np.bool_)
    losing[slots[rows]] = True

    def name(row: int) -> tuple[int, int, int]:
        return int(groups[slots[row]]), int(held.devices[row]), int(held.inodes[row])

    left = Counter(map(name, np.flatnonzero(shared & losing[slots]).tolist()))
    for place in np.flatnonzero(shared[rows]).tolist():
        left[name(rows[place])] -= 1
        if left[name(rows[place])]:
            freed[place] = 0
    return freed


def _whys(stock: Inventory, rows: Rows, keepers: Rows, near: NDArray[np.bool_]) -> list[str]:
    """Why each file goes."""
    distances = np.bitwise_count(stock.hashes[rows[near]] ^ stock.hashes[keepers[near]]).tolist()
    reasons = _reasons(stock.holdings, rows[near], keepers[near])
    told = [
        f"{distance} bits apart; what is kept: {reason}"
        for distance, reason in zip(distances, reasons, strict=True)
    ]
    if len(told) == len(rows):
        return told
    alike = iter(told)
    return [next(alike) if only_alike else SAME_BYTES for only_alike in near.tolist()]


def _reasons(held: Holdings, rows: Rows, keepers: Rows) -> list[str]:
    """What speaks for each of the files that are kept, as :func:`~simd.core.keeping.decide` has it."""
    rules = held.order.rules
    undecided, lost = len(rules), len(rules) + 1
    verdicts = np.full(len(rows), undecided)
    for number, rule in enumerate(rules):
        still = verdicts == undecided
        if not still.any():
            break
        worths = held.worths(rule)
        mine, yours = worths[keepers], worths[rows]
        verdicts[still & (mine < yours)] = number
        verdicts[still & (mine > yours)] = lost
    words = [*(merit(rule, None) for rule in rules), "", MARKED]
    reasons = [words[verdict] for verdict in verdicts.tolist()]
    tied = np.flatnonzero(verdicts == undecided)
    ties = zip(tied.tolist(), rows[tied].tolist(), keepers[tied].tolist(), strict=True)
    for place, row, keeper in ties:
        reasons[place] = MARKED if held.paths[row] < held.paths[keeper] else BY_PATH
    for number, rule in enumerate(rules):
        if rule.criterion is Criterion.TAKEN:
            for place in np.flatnonzero(verdicts == number).tolist():
                reasons[place] = merit(rule, held.taken_at[rows[place]])
    return reasons
