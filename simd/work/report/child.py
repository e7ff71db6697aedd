"""What the daemon sends to the process of a report, and what it hears from there.

The daemon imports this module to name the function, and shall not carry Jinja2, pygal and Pillow in
its memory for that: they are imported within.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simd.core.answers import Note, ReportHead, ReportTrigger
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.verdicts import GivenVerdict
from simd.runtime.errand import Line
from simd.work.report.order import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What the report is to be.

    Attributes:
        state_dir: holds the catalogue.
        folder: of reports.
        made_at: the moment, aware, in local time.
        notes: what is wrong with the daemon.
        groups_shown: how many groups get a card.
        keep_nightly, keep_monthly: how many days and months of reports stay.
        verdicts: what the person has decided about pictures.
        keep: which files are kept.
    """

    state_dir: Path
    folder: Path
    trigger: ReportTrigger
    made_at: datetime
    preset: str
    notes: Sequence[Note]
    groups_shown: int
    keep_nightly: int
    keep_monthly: int
    verdicts: Sequence[GivenVerdict] = ()
    keep: KeepOrder = USUAL_ORDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the report is. ``total`` is None where nobody knows it."""

    phase: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewsWanted:
    """A question: have previews of these images in the catalogue. The answer comes once they are there.

    Attributes:
        absent: those that the catalogue has not, the most important first.
        shown: every image of the page; previews of others may go.
    """

    absent: Sequence[Wanted]
    shown: Sequence[int]


@dataclass(frozen=True, slots=True)
class DeedsWanted:
    """A question: what was done after a place in the journal; answered by a summary of it."""

    since: int


def make_report(line: Line, commission: Commission) -> ReportHead:
    """Make a report and put it on the shelf.

    Raises:
        CatalogueError: the catalogue cannot be read.
        BadReportFolder: the report cannot be written.
    """
    from simd.work.report.making import make  # noqa: PLC0415  # see the module's docstring

    return make(line, commission)
