"""Progress as a bar on the terminal behind standard error."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from simd.core.wire import Json
from simd.ctl.progress import Silence
from simd.render.words import escape

LABELS = {
    "sweep": "looking at files",
    "decode": "reading pictures",
    "gather": "gathering groups",
    "previews": "making previews",
    "write": "writing the report",
    "count": "counting neighbours",
    "compare": "comparing pictures",
    "confirm": "confirming pairs",
    "lay": "laying files",
    "dry run": "looking at files",
    "apply": "clearing up",
    "undo": "putting back",
    "purge": "deleting for good",
}


class Bar(Silence):
    """Draws a bar for each phase on the terminal behind standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def show(self, data: Json) -> None:
        """Move the bar of the event's phase."""
        phase = data["phase"]
        if phase not in self._tasks:
            self._tasks[phase] = self._progress.add_task(LABELS.get(phase, escape(phase)), total=None)
        self._progress.update(self._tasks[phase], completed=data["done"], total=data.get("total"))

    def close(self) -> None:
        """Stop drawing."""
        self._progress.stop()
