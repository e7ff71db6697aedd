"""What became of groups between two reports, told by the content of their images.

Ids of images say nothing across reports: a catalogue that was made anew has others for the same
pictures. The first 8 bytes of a digest stand for an image here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simd.core.answers.reports import Change, ReportNews

LEAST_COPIES = 2
"""Copies that two groups share when they are one and the same group, before and after."""


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """What is remembered of a group for the reports to come.

    Attributes:
        keeper: 16 hex digits, the first 8 bytes of the keeper's digest.
        images: the same for every image of the group, the keeper's among them.
        files: how many files hold them.
        reclaimable_bytes: what keeping one file would free.
        path: the file to keep, as text.
        path_b64: its bytes in Base64 where they are not UTF-8.
    """

    keeper: str
    images: tuple[str, ...]
    files: int
    reclaimable_bytes: int
    path: str
    path_b64: str | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What became of one group.

    Attributes:
        before, after: the group in the earlier and in the later report; None where it is not.
        new_images: images that were in no group before; 0 unless it appeared or grew.
        new_bytes: what it would free beyond what was known; 0 unless it appeared or grew.
        freed_bytes: what is not to be freed any more; 0 unless it shrank or was resolved.
    """

    change: Change
    before: GroupRecord | None
    after: GroupRecord | None
    new_images: int
    new_bytes: int
    freed_bytes: int


def compare(before: Sequence[GroupRecord], after: Sequence[GroupRecord]) -> Sequence[RecordChange]:
    """What became of the groups of one report until another, whatever their order.

    Two groups are one and the same when they may share two copies: two images, or one image of
    which both have two files. A group follows the earlier one that it shares most images with.

    - A group that follows none *appeared*.
    - One with more files, or more images, than the one that it follows *grew*; with fewer files it *shrank*.
    - An earlier group that no later one shares two copies with is *resolved*.

    Returns:
        The changes alone, those of the most bytes first; groups that stayed as they were are left out.
    """
    links = _Links.between(_ordered(before), _ordered(after))
    changes = [*links.of_later_groups(), *links.resolved()]
    return sorted(changes, key=_position)


def news_of(changes: Iterable[RecordChange]) -> ReportNews:
    """The sums over changes."""
    counts: Counter[Change] = Counter()
    images = new_bytes = freed_bytes = 0
    for change in changes:
        counts[change.change] += 1
        images += change.new_images
        new_bytes += change.new_bytes
        freed_bytes += change.freed_bytes
    return ReportNews(
        groups=counts[Change.APPEARED] + counts[Change.GREW],
        images=images,
        reclaimable_bytes=new_bytes,
        resolved_groups=counts[Change.RESOLVED],
        freed_bytes=freed_bytes,
    )


@dataclass(frozen=True, slots=True)
class _Links:
    """Groups of two reports and which follows which, by their places in ``before`` and ``after``.

    Attributes:
        known: every image that was in a group.
        followed: for each later group the earlier one that it follows.
        following: for each earlier group the later ones that follow it.
        successors: for each earlier group that is not resolved, the later one that has most of it.
    """

    before: Sequence[GroupRecord]
    after: Sequence[GroupRecord]
    known: frozenset[str]
    followed: dict[int, int]
    following: dict[int, list[int]]
    successors: dict[int, int]

    @classmethod
    def between(cls, before: Sequence[GroupRecord], after: Sequence[GroupRecord]) -> "_Links":
        """Find who follows whom, by one walk over the images of either report."""
        holders: defaultdict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(before):
            for image in set(record.images):
                holders[image].append(place)
        followed: dict[int, int] = {}
        following: defaultdict[int, list[int]] = defaultdict(list)
        nearest: dict[int, tuple[int, int]] = {}
        for later, record in enumerate(after):
            shared = Counter(place for image in set(record.images) for place in holders.get(image, ()))
            linked = {place: count for place, count in shared.items() if _same(before[place], record, count)}
            if linked:
                followed[later] = min(linked, key=lambda place: (-linked[place], place))
                following[followed[later]].append(later)
            for place, count in linked.items():
                nearest[place] = min(nearest.get(place, (0, 0)), (-count, later))
        successors = {place: later for place, (_, later) in nearest.items()}
        return cls(before, after, frozenset(holders), followed, following, successors)

    def of_later_groups(self) -> Iterable[RecordChange]:
        """What each later group is to the one that it follows."""
        known_bytes: Counter[int] = Counter()
        for place, successor in self.successors.items():
            known_bytes[successor] += self.before[place].reclaimable_bytes
        for later, record in enumerate(self.after):
            earlier = self.before[self.followed[later]] if later in self.followed else None
            change = _change(earlier, record)
            if change is Change.SHRANK:
                yield RecordChange(change, earlier, record, 0, 0, self._freed(later))
            elif change is not None:
                images = len(set(record.images) - self.known)
                fresh = max(0, record.reclaimable_bytes - known_bytes[later])
                yield RecordChange(change, earlier, record, images, fresh, 0)

    def resolved(self) -> Iterable[RecordChange]:
        """The earlier groups of which no two copies are together any more."""
        for place, record in enumerate(self.before):
            if place not in self.successors:
                yield RecordChange(Change.RESOLVED, record, None, 0, 0, record.reclaimable_bytes)

    def _freed(self, later: int) -> int:
        """Bytes that went with a group that shrank; of one that fell apart, told once."""
        place = self.followed[later]
        if self.successors[place] != later:
            return 0
        left = sum(self.after[part].reclaimable_bytes for part in self.following[place])
        return max(0, self.before[place].reclaimable_bytes - left)


def _same(earlier: GroupRecord, later: GroupRecord, shared: int) -> bool:
    """Whether two groups may share two copies; each of the other images takes up a file at least."""
    if shared >= LEAST_COPIES:
        return True
    return min(group.files - len(group.images) + shared for group in (earlier, later)) >= LEAST_COPIES


def _change(earlier: GroupRecord | None, later: GroupRecord) -> Change | None:
    if earlier is None:
        return Change.APPEARED
    if later.files > earlier.files or len(later.images) > len(earlier.images):
        return Change.GREW
    return Change.SHRANK if later.files < earlier.files else None


def _ordered(records: Sequence[GroupRecord]) -> Sequence[GroupRecord]:
    """The groups in an order that follows from them alone."""
    return sorted(records, key=lambda record: (-record.files, record.keeper, sorted(record.images)))


def _position(change: RecordChange) -> tuple[int, str, str]:
    sides = [side for side in (change.after, change.before) if side is not None]
    return (-(change.new_bytes + change.freed_bytes), sides[0].keeper, change.change)
