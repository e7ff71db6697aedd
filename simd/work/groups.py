"""Duplicate groups, a page at a time, with their files and the reasons for the keeper."""

import re
from collections.abc import Iterable, Iterator
from threading import Lock

from simd.catalogue import Catalogue, Snapshot
from simd.core.answers import GroupPage
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping
from simd.core.presets import Preset
from simd.core.questions import GroupOptions
from simd.work.groupviews import hydrate
from simd.work.outlines import Outline, Outlines, outline_all, total
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
            groups = list(hydrate(shown, outlines.pairs, snapshot))
            generation = snapshot.generation
        return GroupPage(
            groups=groups,
            totals=total(wanted),
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
