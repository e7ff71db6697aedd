"""Duplicate groups, a page at a time, with their files and the reasons for the keeper."""

import logging
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock

from simd.catalogue import Catalogue, PairTable, Snapshot
from simd.core.answers import GroupPage, GroupTotals
from simd.core.errors import BadRequest, CatalogueError, Unavailable
from simd.core.grouping import Grouping
from simd.core.keeprules import KeepOrder, KeepRule
from simd.core.presets import Preset
from simd.core.questions import GroupOptions
from simd.work.groupviews import hydrate
from simd.work.keeporders import OrderFor, usual_order_for
from simd.work.outlines import Outline
from simd.work.search import chosen_preset
from simd.work.standing import Selection, StandingGroups
from simd.work.verdicts import MarksOf, unmarked

log = logging.getLogger(__name__)

CALM_SECONDS = 2.0
"""A catalogue that has not changed for so long is at rest."""

MOST_KEPT = 3
"""Combinations of a preset, a grouping and keep rules that are kept in memory, those asked for last."""

_View = tuple[Preset, Grouping, tuple[KeepRule, ...]]

_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
"""Bytes that the last group of a page would free, and its keeper."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Groups that are kept in step, by one thread at a time."""

    groups: StandingGroups
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class Survey:
    """Groups of one moment, to be gone through.

    Attributes:
        snapshot: the moment.
        order: by which their files are ranked.
        outlines: the groups, the largest savings first.
    """

    snapshot: Snapshot
    order: KeepOrder
    outlines: Sequence[Outline]


class Groups:
    """Answers ``groups``. Any thread may ask."""

    def __init__(
        self,
        catalogue: Catalogue,
        default_preset: str,
        marks: MarksOf = unmarked,
        order_for: OrderFor = usual_order_for,
    ) -> None:
        """Have nothing worked out yet.

        Args:
            catalogue: what the groups are made of.
            default_preset: names the one that holds when none is asked for.
            marks: a person's.
            order_for: how files are ranked.
        """
        self._totals: GroupTotals | None = None
        self._totals_of: int | None = None
        self._catalogue = catalogue
        self._default_preset = default_preset
        self._marks = marks
        self._order_for = order_for
        self._closed = Event()
        self._lock = Lock()
        self._kept: dict[_View, _Kept] = {}

    def prepare(self, stopping: Event) -> None:
        """Work out what is most likely to be asked, so that nobody need wait for it.

        At once, and until ``stopping`` is set whenever the catalogue has come to rest in another state.
        """
        seen = self._catalogue.generation()
        self._refresh()
        while not stopping.wait(CALM_SECONDS):
            now = self._catalogue.generation()
            if now == seen and now != self._totals_of:
                self._refresh()
            seen = now

    def _refresh(self) -> None:
        try:
            page = self.page(GroupOptions(limit=1))
        except Unavailable:
            log.info("stopped before the groups were worked out")
        except CatalogueError as error:
            log.warning("the groups are not worked out: %s", error.message)
        else:
            self._totals, self._totals_of = page.totals, page.generation

    @property
    def totals(self) -> GroupTotals | None:
        """Sums over the groups of the usual preset; None while the catalogue is newer than they are."""
        return self._totals if self._totals_of == self._catalogue.generation() else None

    def follow(self, default_preset: str) -> None:
        """Go by another preset, or other rules, from now on when none are asked for."""
        self._default_preset = default_preset
        self._totals_of = None

    def close(self) -> None:
        """Have whatever takes long given up."""
        self._closed.set()

    def page(self, options: GroupOptions) -> GroupPage:
        """One page of groups, the largest savings first.

        Raises:
            BadRequest: no such preset, or a cursor that no page gave.
        """
        preset = chosen_preset(options.preset or self._default_preset, None)
        after = _parse_cursor(options.cursor)
        rules = self._order_for(options.keep).rules
        kept = self._keep((preset, options.grouping, rules))
        with ExitStack() as reading:
            # A snapshot that is taken while others wait is never older than the groups.
            with kept.lock:
                snapshot = reading.enter_context(self._catalogue.read())
                order = self._order_for(options.keep)
                self._follow(kept.groups, snapshot, order)
                found = _select(kept.groups, options, after, snapshot)
            pairs = _pairs(preset, found, snapshot)
            return GroupPage(
                groups=list(hydrate(found.shown, pairs, snapshot, order)),
                totals=found.totals,
                next_cursor=_cursor(found.shown[-1]) if found.more else None,
                generation=snapshot.generation,
                keep=list(map(str, order.rules)),
            )

    @contextmanager
    def survey(self, options: GroupOptions, images: Collection[int] | None = None) -> Iterator[Survey]:
        """All groups that are meant, as they stand, for as long as the context lasts.

        Args:
            options: which; their limit and cursor say nothing here.
            images: in place of their kind and folder, the groups that hold one of these.

        Raises:
            BadRequest: no such preset.
        """
        preset = chosen_preset(options.preset or self._default_preset, None)
        order = self._order_for(options.keep)
        kept = self._keep((preset, options.grouping, order.rules))
        with ExitStack() as reading:
            with kept.lock:
                snapshot = reading.enter_context(self._catalogue.read())
                self._follow(kept.groups, snapshot, order)
                meant = (
                    _select(kept.groups, replace(options, limit=sys.maxsize - 1), None, snapshot).shown
                    if images is None
                    else kept.groups.around(images)
                )
            yield Survey(snapshot, order, meant)

    def _keep(self, view: _View) -> _Kept:
        """The groups of a view, with those that nobody asked about for longest dropped."""
        preset, grouping, _ = view
        with self._lock:
            kept = self._kept[view] if view in self._kept else _Kept(StandingGroups(preset, grouping))
            others = [(it, self._kept[it]) for it in self._kept if it != view]
            self._kept = dict([*others, (view, kept)][-MOST_KEPT:])
        return kept

    def _follow(self, groups: StandingGroups, snapshot: Snapshot, order: KeepOrder) -> None:
        seen, now = groups.generation, snapshot.generation
        touched = None if seen is None else self._catalogue.touched(seen, now)
        # Asked after the snapshot was opened: what was decided before a commit is never missed with it.
        groups.follow(snapshot, touched, self._go_on, self._marks(snapshot), order)

    def _go_on(self) -> None:
        if self._closed.is_set():
            raise Unavailable("simd is stopping.", hint="Ask again when it runs.")


def _select(
    groups: StandingGroups, options: GroupOptions, after: tuple[int, int] | None, snapshot: Snapshot
) -> Selection:
    below = None if options.under is None else snapshot.images_under(options.under)
    return groups.select(options.kind, below, after, options.limit)


def _pairs(preset: Preset, found: Selection, snapshot: Snapshot) -> PairTable:
    """The pairs of the keepers that are shown, by which their members are described."""
    keepers = [group.images[0] for group in found.shown]
    members = [image for group in found.shown for image in group.images[1:]]
    return snapshot.pairs_between(preset, keepers, members)


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
