"""Duplicate groups, a page at a time, with their files and the reasons for the keeper."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from simd.catalogue import Catalogue, PairTable, Snapshot
from simd.core.answers import Group, GroupPage, GroupTotals, Member
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping
from simd.core.keeping import Candidate, explain
from simd.core.model import FileRow, ImageRow
from simd.core.presets import Preset, tags
from simd.core.questions import GroupOptions
from simd.work.describe import best_file, candidate, describe_image, kind_of, similarity
from simd.work.outlines import Disks, Outline, Outlines, outline_all
from simd.work.search import chosen_preset

_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
"""Bytes that the last group of a page would free, and its keeper."""


class Groups:
    """Answers ``groups``. Outlines are worked out once for each state of the catalogue."""

    def __init__(self, catalogue: Catalogue, default_preset: str) -> None:
        """``default_preset`` names the one that holds when none is asked for."""
        self._catalogue = catalogue
        self._default_preset = default_preset
        self._lock = Lock()
        self._outlines: dict[tuple[str, Grouping], Outlines] = {}

    def page(self, options: GroupOptions) -> GroupPage:
        """One page of groups, the largest savings first.

        Raises:
            BadRequest: no such preset, or a cursor that no page gave.
        """
        preset = chosen_preset(options.preset or self._default_preset, None)
        after = _parse_cursor(options.cursor)
        with self._catalogue.read() as snapshot:
            outlines = self._all(preset, options.grouping, snapshot)
            wanted = list(_filter(outlines.groups, options, snapshot))
            rest = [outline for outline in wanted if after is None or outline.position > after]
            shown = rest[: options.limit]
            groups = list(_hydrate(shown, outlines.pairs, snapshot))
            generation = snapshot.generation
        return GroupPage(
            groups=groups,
            totals=_total(wanted),
            next_cursor=_cursor(shown[-1]) if len(rest) > len(shown) else None,
            generation=generation,
        )

    def _all(self, preset: Preset, grouping: Grouping, snapshot: Snapshot) -> Outlines:
        key = (preset.name, grouping)
        # The lock also lets only the first of several askers do the work for a new generation.
        with self._lock:
            held = self._outlines.get(key)
            if held is None or held.generation != snapshot.generation:
                held = self._outlines[key] = outline_all(preset, grouping, snapshot)
            return held


def _filter(outlines: Iterable[Outline], options: GroupOptions, snapshot: Snapshot) -> Iterator[Outline]:
    below = None if options.under is None else snapshot.images_under(options.under)
    for outline in outlines:
        if options.kind is not None and outline.kind is not options.kind:
            continue
        if below is None or not below.isdisjoint(outline.images):
            yield outline


def _total(outlines: Sequence[Outline]) -> GroupTotals:
    return GroupTotals(
        groups=len(outlines),
        images=sum(len(outline.images) for outline in outlines),
        files=sum(outline.files for outline in outlines),
        reclaimable_bytes=sum(outline.reclaimable for outline in outlines),
    )


def _cursor(outline: Outline) -> str:
    return f"{outline.reclaimable}-{outline.images[0]}"


def _parse_cursor(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadRequest(
            f"There is no page at cursor {cursor!r}.", hint="Pass next_cursor of the page before."
        )
    return (-int(found[1]), int(found[2]))


def _hydrate(outlines: Sequence[Outline], pairs: PairTable, snapshot: Snapshot) -> Iterator[Group]:
    ids = [image_id for outline in outlines for image_id in outline.images]
    images, files, disks = snapshot.images(ids), snapshot.files_of(ids), Disks.of(snapshot)
    for outline in outlines:
        yield _Portrait(outline, images, files, pairs, disks).group()


@dataclass(frozen=True, slots=True)
class _Portrait:
    """One group with its rows at hand."""

    outline: Outline
    images: Mapping[int, ImageRow]
    files: Mapping[int, Sequence[FileRow]]
    pairs: PairTable
    disks: Disks

    def group(self) -> Group:
        keeper = self.images[self.outline.images[0]]
        keeper_file = best_file(self.files[keeper.id])
        members = [
            self._member(self.images[image_id], row, keeper, keeper_file)
            for image_id in self.outline.images
            for row in self._ordered(image_id)
        ]
        return Group(
            id=str(keeper.id),
            kind=self.outline.kind,
            keeper=describe_image(keeper, self.files[keeper.id]),
            path=display_path(keeper_file.path),
            path_b64=path_b64(keeper_file.path),
            members=members,
            reclaimable_bytes=self.outline.reclaimable,
        )

    def _ordered(self, image_id: int) -> list[FileRow]:
        best = best_file(self.files[image_id])
        return [best, *(row for row in self.files[image_id] if row is not best)]

    def _member(self, image: ImageRow, row: FileRow, keeper: ImageRow, keeper_file: FileRow) -> Member:
        pair = self.pairs.find(image.id, keeper.id)
        return Member(
            # Its own file alone: a thousand copies would otherwise be listed a thousand times each.
            image=describe_image(image, [row]),
            path=display_path(row.path),
            path_b64=path_b64(row.path),
            kind=kind_of(image, keeper.digest),
            distance=(image.phash ^ keeper.phash).bit_count(),
            similarity=round(similarity(image.phash256, keeper.phash256), 4),
            reason=self._reason(image, row, keeper, keeper_file),
            tags=tags(pair.measures) if pair else (),
        )

    def _reason(self, image: ImageRow, row: FileRow, keeper: ImageRow, keeper_file: FileRow) -> str:
        if row is keeper_file:
            return "keeper"
        if self.disks.inode(row) == self.disks.inode(keeper_file):
            return "hard link to the keeper: frees nothing"
        if image.id == keeper.id:
            return "same bytes"
        return f"keeper: {explain(self._candidate(keeper), self._candidate(image))}"

    def _candidate(self, image: ImageRow) -> Candidate:
        return candidate(image, self.files[image.id])
