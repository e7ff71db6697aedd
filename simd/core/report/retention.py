"""Which reports are kept, and for how long."""

from collections.abc import Iterable
from datetime import date

from simd.core.report.naming import date_of


def expired(report_ids: Iterable[str], nightly: int, monthly: int) -> list[str]:
    """The reports that may go, the oldest first.

    Those of the newest ``nightly`` days stay, and the first one of each of the newest ``monthly``
    months. Only days and months that have a report count, so that a machine which was
    off for a year keeps what it has. Reports that were asked for stay as long as the nightly
    one of their day, whether there is one or not.

    Args:
        report_ids: those that there are, in any order.
        nightly: days; at least one is kept.
        monthly: months.
    """
    # Ids sort by time: a nightly one stands before those that were asked for on its day.
    ordered = sorted(report_ids)
    days = {report_id: date_of(report_id) for report_id in ordered}
    kept_days = set(sorted(set(days.values()))[-max(1, nightly) :])
    firsts: dict[date, str] = {}
    for report_id, day in days.items():
        firsts.setdefault(day.replace(day=1), report_id)
    kept = {firsts[month] for month in sorted(firsts, reverse=True)[:monthly]}
    return [each for each in ordered if days[each] not in kept_days and each not in kept]
