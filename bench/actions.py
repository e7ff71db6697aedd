"""What acts on files, put together as the daemon does it, for benchmarks that need no daemon."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simd.catalogue import Catalogue, Journal
from simd.core.hints import Hint
from simd.core.protection import UNPROTECTED
from simd.core.skipping import SkipRules
from simd.imaging import SUPPORTED_EXTENSIONS, DecodePool, Limits
from simd.runtime.broadcast import Broadcast
from simd.runtime.clock import SystemClock
from simd.runtime.mailbox import Mailbox
from simd.system.folders import private_folder
from simd.work.actions.actions import Actions
from simd.work.actions.checking import Checking
from simd.work.actions.looking import Looking
from simd.work.actions.planning import Planning
from simd.work.actions.telling import Telling
from simd.work.groups import Groups
from simd.work.units import Units

HINTS = 1_000_000
"""More than any run tells of: nobody empties the mailbox here."""


@dataclass(frozen=True, slots=True)
class Acting:
    """What acts on the files of one folder, and what it stands on."""

    catalogue: Catalogue
    journal: Journal
    groups: Groups
    planning: Planning
    actions: Actions


@contextmanager
def acting(state: Path, root: Path) -> Iterator[Acting]:
    """Open the catalogue in ``state``, with a new journal beside it; ``root`` is its one folder."""
    clock, broadcast = SystemClock(), Broadcast()
    mailbox: Mailbox[Hint] = Mailbox(HINTS)
    notes = state / "journal"
    private_folder(notes)
    catalogue, pool = Catalogue.open(state, clock), DecodePool(1, Limits())
    journal = Journal(notes, clock)
    try:
        groups = Groups(catalogue, "default")
        units = Units(SkipRules(frozenset()), SUPPORTED_EXTENSIONS, lambda: [os.fsencode(root)])
        planning = Planning(groups, units.companions_of, units.beside)
        checking = Checking(Looking(catalogue, pool), lambda: UNPROTECTED, list)
        tell = Telling(catalogue, mailbox).tell
        actions = Actions(journal, catalogue, planning, checking, clock, broadcast, tell, lambda _: True)
        yield Acting(catalogue, journal, groups, planning, actions)
    finally:
        journal.close()
        pool.close()
        catalogue.close()
