"""Changing the settings of a daemon that runs: only what differs is touched.

Each part of the daemon that can follow new settings has one entry below, with the keys that it goes
by. A key that is in no entry, and so any that is added later, needs a restart, and this is said.
"""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from simd.assembly import Ground
from simd.config import Settings, adopt, changed_keys
from simd.core.answers import Note
from simd.core.answers.reloading import Reloaded
from simd.core.errors import SimdError, TimedOut, Unavailable
from simd.parts import Parts
from simd.plans import cores_allowed, report_plan, sparing_rules, timed_jobs, workers_wanted
from simd.schedule import Schedule
from simd.service import Service
from simd.system.logs import set_level
from simd.system.mounts import filesystem_of

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
"""How long a part may take to follow; it does so later if it is in the middle of something long."""

SWEEP_NEW = "newly configured"
SWEEP_SKIPPED = "other names are skipped"


@dataclass(frozen=True, slots=True)
class _Part:
    """What goes by some of the settings.

    Attributes:
        keys: key paths, or sections as a whole when they end with a dot.
        follow: takes the settings of before and those of now.
    """

    name: str
    keys: Sequence[str]
    follow: Callable[[Settings, Settings], object]

    def goes_by(self, key: str) -> bool:
        return any(key == own or (own.endswith(".") and key.startswith(own)) for own in self.keys)


class Reloading:
    """Reads the settings again and has the parts follow. One call at a time; any thread may call."""

    def __init__(
        self,
        settings: Settings,
        reread: Callable[[], Settings],
        ground: Ground,
        parts: Parts,
        service: Service,
        schedule: Schedule,
    ) -> None:
        """``settings`` are those in force; ``reread`` loads them as they were loaded at the start."""
        self._settings = settings
        self._reread = reread
        self._ground = ground
        self._parts = parts
        self._service = service
        self._schedule = schedule
        self._lock = Lock()
        self._table = self._parts_that_follow()

    def reload(self) -> Reloaded:
        """Read the settings again, and have whatever goes by what has changed follow.

        Raises:
            ConfigError: they do not hold together; nothing is changed.
        """
        with self._lock:
            before, after = self._settings, self._reread()
            keys = changed_keys(before, after)
            concerned = [part for part in self._table if any(map(part.goes_by, keys))]
            taken = [key for key in keys if any(part.goes_by(key) for part in self._table)]
            now = adopt(before, after, taken)
            notes = [note for part in concerned if (note := _have_follow(part, before, now))]
            self._settings = now
            answer = Reloaded(
                changed=taken,
                restarted=[part.name for part in concerned],
                stayed=[part.name for part in self._table if part not in concerned],
                needs_restart=[key for key in keys if key not in taken],
                notes=notes,
                generation=self._parts.catalogue.generation(),
            )
        log.info(
            "settings read again: changed %s; need a restart: %s",
            ", ".join(answer.changed) or "nothing",
            ", ".join(answer.needs_restart) or "nothing",
        )
        return answer

    def _parts_that_follow(self) -> Sequence[_Part]:
        parts = self._parts
        schedule = ("watch.sweep_every", "watch.sweep_network_every", "schedule.backup_at", "report.at")
        integrity = ("schedule.integrity", "schedule.integrity_at")
        report = ("report.folder", "report.keep_nightly", "report.keep_monthly", "report.groups_shown")
        return (
            _Part("roots", ["roots"], self._follow_roots),
            _Part("watcher", ["watch.skip"], self._follow_skip),
            _Part("settling", ["watch.settle_seconds", "watch.settle_cap_seconds"], self._follow_settling),
            _Part("workers", ["imaging."], self._follow_workers),
            _Part("matching", ["match.preset"], self._follow_preset),
            _Part("keeping", ["keep."], self._follow_keep),
            _Part("catalogue", ["catalogue."], self._follow_catalogue),
            _Part("schedule", [*schedule, *integrity], self._follow_schedule),
            _Part(
                "sparing",
                ["schedule.quiet_hours", "schedule.pause_on_battery"],
                lambda _, now: parts.sparing.follow(sparing_rules(now)),
            ),
            _Part(
                "reports",
                [*report, "notify.", "match.preset"],
                lambda _, now: parts.reports.follow(report_plan(now)),
            ),
            _Part("log", ["log.level"], lambda _, now: set_level(now.log.level)),
        )

    def _follow_roots(self, before: Settings, now: Settings) -> None:
        keeper, sweeper = self._ground.keeper, self._parts.sweeper
        gone = [os.fsencode(root) for root in before.roots if root not in now.roots]
        new = [os.fsencode(root) for root in now.roots if root not in before.roots]

        def exchange() -> None:
            for root in gone:
                keeper.drop(root)
            for root in new:
                keeper.enrol(root, filesystem_of(root))
            sweeper.request(new, SWEEP_NEW)

        _await(sweeper.errand(exchange))

    def _follow_skip(self, _before: Settings, now: Settings) -> None:
        keeper, sweeper, roots = self._ground.keeper, self._parts.sweeper, self._ground.roots

        def exchange() -> None:
            self._ground.skip.follow(now.watch.skip)
            # A person said so: that many pictures vanish at once is no sign of an unmounted disk.
            roots.accept_loss([standing.root.path for standing in roots.all()])
            try:
                keeper.rebuild_watcher()
            finally:
                sweeper.request_all(SWEEP_SKIPPED)

        _await(sweeper.errand(exchange))

    def _follow_settling(self, _before: Settings, now: Settings) -> None:
        watch = now.watch
        _await(self._parts.ingest.settle_after(watch.settle_seconds, watch.settle_cap_seconds))

    def _follow_workers(self, before: Settings, now: Settings) -> None:
        size = now.imaging.memory_limit
        if (workers_wanted(before), before.imaging.memory_limit) != (workers_wanted(now), size):
            self._ground.pool.employ(workers_wanted(now), size)
        self._ground.pool.give(now.imaging.deadline_seconds)
        self._ground.pool.allow(cores_allowed(now))

    def _follow_preset(self, _before: Settings, now: Settings) -> None:
        self._parts.search.follow(now.match.preset)
        self._parts.groups.follow(now.match.preset)

    def _follow_keep(self, before: Settings, now: Settings) -> None:
        parts, keep = self._parts, now.keep
        parts.keep_orders.follow(keep.rules, keep.copy_names)
        if before.keep.protected != keep.protected:
            parts.protecting.follow(keep.protected)
        parts.groups.follow(now.match.preset)

    def _follow_catalogue(self, _before: Settings, now: Settings) -> None:
        catalogue = now.catalogue
        forget_after = timedelta(seconds=catalogue.forget_missing_after)
        self._parts.upkeep.follow(catalogue.backups_kept, forget_after)

    def _follow_schedule(self, _before: Settings, now: Settings) -> None:
        self._schedule.follow(timed_jobs(now, self._service))


def _have_follow(part: _Part, before: Settings, now: Settings) -> Note | None:
    """Have a part follow; what went wrong, if anything did."""
    try:
        part.follow(before, now)
    except SimdError as error:
        log.warning("%s did not follow the new settings: %s", part.name, error.message)
        return Note(message=f"{part.name}: {error.message}", hint=error.hint)
    return None


def _await(following: Future[Any]) -> None:
    """Wait until a part has followed.

    Raises:
        TimedOut: it is in the middle of something, and follows later.
        Unavailable: the daemon is stopping.
    """
    try:
        following.result(PATIENCE_SECONDS)
    except CancelledError as error:
        raise Unavailable("The daemon is stopping.") from error
    except FutureTimeoutError as error:
        raise TimedOut(
            "It is in the middle of something long, and follows when that is done.",
            hint="simctl status shows what it does.",
        ) from error
