"""What a daemon begins with, because it takes longest: its catalogue, and the index of it.

Both can be begun before most of the daemon's libraries are imported: the index is built in a
thread that leaves the interpreter to the imports.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from simd.catalogue import DATABASE, Catalogue, Decisions, Journal
from simd.core.answers.daemon import LoadingPhase
from simd.core.errors import CatalogueLocked
from simd.imaging import RECIPE, begin_fork_server
from simd.index import HashIndex
from simd.ports import Clock
from simd.work.refusals import named


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on.

    Attributes:
        catalogue: open.
        decisions: what the person has decided.
        journal: what was done to files.
        index: the search index, empty at first; parts may be given it, and use it once it is filled.
        filled: done when it is.
    """

    catalogue: Catalogue
    decisions: Decisions
    journal: Journal
    index: HashIndex
    filled: Future[None]


def lay_foundation(
    state_dir: Path, clock: Clock, enter: Callable[[LoadingPhase], None], running: ExitStack
) -> Foundation:
    """Begin with everything that takes long.

    Args:
        state_dir: the state folder, whose process lock the caller holds.
        clock: gives the times that the catalogue writes.
        enter: told each phase before it begins.
        running: gets what must be done at the end, in order.

    Raises:
        CatalogueError: the catalogue, the decisions or the journal cannot be used; the message says why.
    """
    enter(LoadingPhase.OPEN)
    if not (state_dir / DATABASE).exists():
        # Everything is yet to be read, and nothing to be loaded that would use a second processor.
        begin_fork_server()
    decisions = Decisions(state_dir, clock)
    journal = Journal(state_dir, clock)
    running.callback(journal.close)
    try:
        catalogue = Catalogue.open(state_dir, clock, enter)
    except CatalogueLocked as error:
        raise named(error, state_dir / DATABASE) from error
    running.callback(catalogue.close)
    enter(LoadingPhase.INDEX)
    index = HashIndex()
    builder = ThreadPoolExecutor(1, "index")
    filled = builder.submit(_fill, index, catalogue)
    builder.shutdown(wait=False)
    running.callback(wait, [filled])
    return Foundation(catalogue, decisions, journal, index, filled)


def _fill(index: HashIndex, catalogue: Catalogue) -> None:
    with catalogue.read() as snapshot:
        hashes, ids = snapshot.hashes(RECIPE)
    index.fill(hashes, ids)
