"""What reports and their files are called.

A nightly report has the local date for its id, one that was asked for the local date and time:
``2026-11-21`` and ``2026-11-21-153012``. Its files are ``report-<id>`` with different endings.
"""

import re
from datetime import date, datetime
from typing import Final

from simd.core.errors import BadRequest

LATEST: Final = "latest"
"""Stands for the newest report wherever an id is asked for."""

SUFFIXES: Final = (".html", ".json", ".csv", ".txt", ".groups.gz")
"""The endings of a report's files. The first makes it a report: it comes last and goes first."""

_PREFIX: Final = "report-"
_NIGHTLY: Final = "%Y-%m-%d"
_ASKED: Final = "%Y-%m-%d-%H%M%S"
_SHAPES: Final = (
    (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), _NIGHTLY),
    (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}"), _ASKED),
)


def nightly_id(day: date) -> str:
    """The id of the nightly report of a local date."""
    return day.isoformat()


def asked_id(moment: datetime) -> str:
    """The id of a report that a person wanted at a local time."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat("-").replace(":", "")


def date_of(report_id: str) -> date:
    """The local date of a report.

    Raises:
        BadRequest: no report can have this id, such as ``2026-02-30``.
    """
    for shape, form in _SHAPES:
        if shape.fullmatch(report_id):
            try:
                return datetime.strptime(report_id, form).date()  # noqa: DTZ007 - ids are in local time
            except ValueError as error:
                raise _no_such_day(report_id) from error
    raise BadRequest(
        f"{report_id!r} is not the id of a report.",
        hint="Ids look like 2026-11-21 or 2026-11-21-153012; simctl report list shows those that there are.",
    )


def file_name(report_id: str, suffix: str) -> str:
    """The name of one file of a report; ``suffix`` begins with a dot."""
    return f"{_PREFIX}{report_id}{suffix}"


def id_in(name: str) -> str | None:
    """The id in the name of a report's file; None for the name of anything else."""
    for suffix in SUFFIXES:
        if name.startswith(_PREFIX) and name.endswith(suffix):
            report_id = name[len(_PREFIX) : -len(suffix)]
            return report_id if _is_id(report_id) else None
    return None


def _is_id(text: str) -> bool:
    try:
        date_of(text)
    except BadRequest:
        return False
    return True


def _no_such_day(report_id: str) -> BadRequest:
    return BadRequest(
        f"{report_id!r} is not the id of a report: the calendar has no such day or time.",
        hint="simctl report list shows the reports that there are.",
    )
