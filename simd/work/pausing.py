"""The person's pause: begun and ended at once, and kept over restarts."""

from collections.abc import Callable

from simd.catalogue import Decisions
from simd.core.errors import CatalogueError
from simd.core.holds import HoldReason
from simd.work.holding import Holding


class Pausing:
    """Holds reading for the person. Any thread may use it."""

    def __init__(self, decisions: Decisions, holding: Holding) -> None:
        """A pause that was not ended before the last end of the daemon goes on."""
        self._decisions = decisions
        self._holding = holding
        if decisions.paused_since is not None:
            holding.hold(HoldReason.PERSON, since=decisions.paused_since)

    def pause(self) -> None:
        """Have reading wait until somebody resumes.

        Raises:
            CatalogueError: it waits, but a new start would not know.
        """
        self._holding.hold(HoldReason.PERSON)
        _keep(self._decisions.pause, "Reading is paused, but only until simd is started again")

    def resume(self) -> None:
        """Let reading go on, unless something else holds it.

        Raises:
            CatalogueError: it goes on, but a new start would not know.
        """
        self._holding.lift(HoldReason.PERSON)
        _keep(self._decisions.resume, "Reading goes on, but only until simd is started again")


def _keep(decide: Callable[[], None], outcome: str) -> None:
    try:
        decide()
    except CatalogueError as error:
        raise CatalogueError(f"{outcome}: {error.message}", hint=error.hint) from error
