"""What became of settings that were read again."""

from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.answers.daemon import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """The settings were read again.

    Attributes:
        changed: the keys whose new values hold from now on.
        restarted: the parts of the daemon that were changed or started anew for that.
        stayed: the parts that went on as they were.
        needs_restart: the keys whose new values hold only after a restart of the daemon.
        notes: what did not go as it should.
    """

    changed: Sequence[str]
    restarted: Sequence[str]
    stayed: Sequence[str]
    needs_restart: Sequence[str]
    notes: Sequence[Note] = ()
    generation: int
