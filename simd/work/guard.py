"""The one thread that watches over all others, and over the watcher.

Only it tells the service manager that the daemon is alive, and only while that is true of every
thread: a notice from a timer would prove nothing but that the timer runs.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from threading import Event

from simd.core.answers import Check, Note
from simd.core.display import display_path
from simd.core.model import RootState
from simd.core.vigil import Late, Vigil
from simd.runtime.heartbeat import Heart
from simd.system.notify import ServiceNotices
from simd.work.canary import Canary
from simd.work.mishaps import Mishaps
from simd.work.roots import Roots, remedy_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""Between two looks, if the service manager does not want to hear of the daemon more often."""

STARTING_SECONDS = 60.0
"""So much more time is asked of the service manager at every look until the daemon is ready."""

READY_SECONDS = 0.1
"""How soon it is noticed that the daemon is ready."""

RESTART = "A service manager starts simd again by itself; by hand: simctl service restart. The log says more."


class Guard:
    """Looks at every heart and at the canary, and speaks to the service manager.

    Its loop runs in a thread of its own; the others ask what it saw.

    Args:
        canary: proves that events come.
        mishaps: what has befallen the watching of folders lately.
        roots: how the folders stand.
        notices: to the service manager.
        activity: what the daemon is doing, in a few words.
        monotonic: tells the time.
    """

    def __init__(
        self,
        canary: Canary,
        mishaps: Mishaps,
        roots: Roots,
        notices: ServiceNotices,
        activity: Callable[[], str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hearts: list[Heart] = []
        self._conditions: list[Event] = []
        self._canary = canary
        self._mishaps = mishaps
        self._roots = roots
        self._notices = notices
        self._activity = activity
        self._monotonic = monotonic
        period = notices.watchdog_seconds
        self._pause = LOOK_SECONDS if period is None else min(period / 2, LOOK_SECONDS)
        self._vigil = Vigil(monotonic(), self._pause)
        self._late: Sequence[Late] = ()
        self._ready = False
        self._said = ""

    def watch(self, *hearts: Heart) -> None:
        """Watch over these threads as well; before the loop starts."""
        self._hearts += hearts

    def expect(self, *conditions: Event) -> None:
        """Say that the daemon is ready only when these are set as well; before the loop starts."""
        self._conditions += conditions

    def loop(self, stop: Event) -> None:
        """Look until ``stop`` is set."""
        look_at = self._monotonic()
        while not stop.is_set():
            self._note_ready()
            if self._monotonic() >= look_at:
                look_at = self._monotonic() + self._pause
                self.look()
            # Never beyond the next look: half of the manager's patience is not to become all of it.
            stop.wait(max(look_at - self._monotonic(), 0.0) if self._ready else READY_SECONDS)

    def look(self) -> None:
        """Look once at everything."""
        now = self._monotonic()
        signs = [sign for heart in self._hearts if (sign := heart.sign()) is not None]
        self._vigil, late = self._vigil.look(now, signs)
        self._note(late)
        self._canary.look(now, self._vigil.stalled_until)
        if not late and not self._canary.hopeless:
            self._show_life()
        self._tell()

    def notes(self) -> Sequence[Note]:
        """What a person should know."""
        canary = self._canary.note()
        stuck = [Note(message=f"{_words(late)}.", hint=RESTART) for late in self._late]
        return [*([] if canary is None else [canary]), *stuck, *self._mishaps.notes()]

    def checks(self) -> Sequence[Check]:
        """What it sees, for ``doctor``."""
        return [*self._chain_checks(), *self._root_checks(), *self._mishap_checks()]

    def _chain_checks(self) -> Iterator[Check]:
        canary = self._canary.note()
        if canary is None:
            yield Check(name="watcher", ok=True, message="changes are noticed as they happen", hint=None)
        else:
            yield Check(name="watcher", ok=False, message=canary.message, hint=canary.hint)
        if self._late:
            yield Check(name="threads", ok=False, message="; ".join(map(_words, self._late)), hint=RESTART)
        else:
            message = f"all {len(self._hearts)} are at work or at rest"
            yield Check(name="threads", ok=True, message=message, hint=None)

    def _root_checks(self) -> Iterator[Check]:
        for standing in self._roots.all():
            if standing.state in {RootState.OFFLINE, RootState.DEGRADED}:
                message = f"{display_path(standing.root.path)} is {standing.state}: {standing.reason}"
                yield Check(name="watching", ok=False, message=message, hint=remedy_of(standing))

    def _mishap_checks(self) -> Iterator[Check]:
        for note in self._mishaps.notes():
            yield Check(name="lately", ok=True, message=note.message, hint=note.hint)

    def _note(self, late: Sequence[Late]) -> None:
        known = {one.name for one in self._late}
        for one in late:
            if one.name not in known:
                log.error("%s; it is here:\n%s", _words(one), self._stack_of(one.name))
        for name in known - {one.name for one in late}:
            log.info("the thread %s goes on", name)
        self._late = late

    def _show_life(self) -> None:
        if self._ready:
            self._notices.alive()
        else:
            self._notices.extend(STARTING_SECONDS)

    def _note_ready(self) -> None:
        if not self._ready and all(condition.is_set() for condition in self._conditions):
            self._ready = True
            self._notices.ready()
            self._notices.alive()
            self._tell()

    def _tell(self) -> None:
        said = self._words_of_state()
        if said != self._said:
            self._said = said
            self._notices.status(said)

    def _words_of_state(self) -> str:
        if self._late:
            return "stuck: " + "; ".join(map(_words, self._late))
        if self._canary.fault is not None:
            return f"the watcher does not work: {self._canary.fault}"
        return self._activity() if self._ready else "setting watches"

    def _stack_of(self, name: str) -> str:
        """Where a thread is at this moment."""
        frames = sys._current_frames()  # noqa: SLF001 - the documented way to another thread's stack
        threads = [heart.thread for heart in self._hearts if heart.name == name]
        found = [frames[thread] for thread in threads if thread is not None and thread in frames]
        return "".join("".join(traceback.format_stack(frame)) for frame in found) or "  it has ended"


def _words(late: Late) -> str:
    doing = f" while it {late.doing}" if late.doing else ""
    return f"the thread {late.name} has not moved for {late.silent:.0f} s{doing} (of {late.allowed:.0f})"
