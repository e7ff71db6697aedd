"""What a report says in words: its news in one sentence, its dates, how alike two files are."""

from dataclasses import fields
from datetime import date

from simd.core.answers import Category, Change, Deeds, MatchKind, Member, ReportHead, ReportTrigger
from simd.core.report.value import Report
from simd.render.words import count, size

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE_LENGTH = len("2026-11-21")
_HUNDRED = 100

CATEGORY_TITLES = {
    Category.IDENTICAL: "Identical",
    Category.NEAR: "Near",
    Category.DOUBTFUL: "Doubtful",
}
CATEGORY_MEANINGS = {
    Category.IDENTICAL: "Equal in every byte: one copy is as good as the other.",
    Category.NEAR: "The same picture, resized, recompressed or converted. The better copy is kept.",
    Category.DOUBTFUL: "Alike, but recoloured or edited. Look before you believe it.",
}

_DEEDS = {
    "quarantined": "put {} into quarantine",
    "trashed": "moved {} to the trash",
    "linked": "had {} share the bytes of what was kept",
    "deleted": "deleted {}",
    "purged": "deleted {} out of quarantine",
    "undone": "put {} back",
    "refused": "left {} alone",
}
"""What was done with so many pictures, by the fields of :class:`~simd.core.answers.Deeds`."""


def headline(report: Report) -> str:
    """The news in a sentence."""
    head = report.head
    if report.first:
        return _first_words(head)
    since = since_when(head)
    if report.quiet:
        quiet = "A quiet night" if head.trigger is ReportTrigger.NIGHTLY else "All quiet"
        return f"{quiet}: nothing new since {since}."
    if head.new.groups:
        what = "new or larger" if _some_grew(report) else "new"
        found = count(head.new.groups, f"{what} duplicate group")
        return f"{found} since {since}: {size(head.new.reclaimable_bytes)} could be freed."
    return f"No new duplicates since {since}."


def relief(report: Report) -> str:
    """What became smaller, in a sentence; empty when nothing did."""
    new = report.head.new
    if report.first or not (new.resolved_groups or new.freed_bytes):
        return ""
    what = (
        f"{count(new.resolved_groups, 'group')} resolved" if new.resolved_groups else "Some copies are gone"
    )
    return f"{what}: {size(new.freed_bytes)} freed."


def deeds(head: ReportHead) -> str:
    """What simd did with pictures, in a sentence; empty when it did nothing."""
    done = [(_DEEDS[each.name], getattr(head.activity.deeds, each.name)) for each in fields(Deeds)[:-1]]
    parts: list[str] = []
    for words, totals in done:
        if totals.pictures:
            # What they are is said once.
            pictures = f"{totals.pictures:,}" if parts else count(totals.pictures, "picture")
            parts.append(f"{words.format(pictures)} ({size(totals.bytes)})")
    if not parts:
        return ""
    *before, last = parts
    return f"simd {', '.join(before)} and {last}." if before else f"simd {last}."


def lying(head: ReportHead) -> str:
    """What lies in quarantine, in a sentence; empty when nothing does."""
    there = head.activity.deeds.in_quarantine
    if not there.pictures:
        return ""
    lie = "lies" if there.pictures == 1 else "lie"
    return f"{count(there.pictures, 'picture')} ({size(there.bytes)}) {lie} in quarantine."


def untouched(head: ReportHead) -> str:
    """That nothing was deleted, where that is so."""
    done = head.activity.deeds
    return "" if done.deleted.pictures or done.purged.pictures else "Nothing was deleted by simd."


def _first_words(head: ReportHead) -> str:
    if not head.library.files:
        return "No picture is watched yet."
    pictures = count(head.library.images, "picture")
    if not head.totals.groups:
        return f"No duplicates: {pictures} and no two alike."
    groups = count(head.totals.groups, "duplicate group")
    return f"{groups} among {pictures}: {size(head.totals.reclaimable_bytes)} could be freed."


def _some_grew(report: Report) -> bool:
    return any(card.change is Change.GREW for card in report.news)


def since_when(head: ReportHead) -> str:
    """The report before, as people name its day: ``20 November``, ``15:30 today``, or ``last night``.

    Raises:
        ValueError: there was none before.
    """
    if head.since is None:
        raise ValueError("the first report has none before it")
    then, clock = head.since[:_DATE_LENGTH], head.since[_DATE_LENGTH + 1 :]
    if then != head.date:
        return short_date(then, head.date)
    return f"{clock[:2]}:{clock[2:4]} today" if clock else "last night"


def long_date(iso: str) -> str:
    """``Saturday 21 November 2026``."""
    day = date.fromisoformat(iso[:_DATE_LENGTH])
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(iso: str, beside: str) -> str:
    """``20 November``; with its year when that is not the year of ``beside``."""
    day = date.fromisoformat(iso[:_DATE_LENGTH])
    year = "" if iso[:4] == beside[:4] else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def tick_date(iso: str) -> str:
    """``21 Nov``, for the axis of a plot."""
    day = date.fromisoformat(iso[:_DATE_LENGTH])
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def full_date(iso: str) -> str:
    """``6 May 2024, 07:08``, as its own clock shows it."""
    day = date.fromisoformat(iso[:_DATE_LENGTH])
    clock = iso[_DATE_LENGTH + 1 : _DATE_LENGTH + 6]
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}" + (f", {clock}" if clock else "")


def nearness(member: Member) -> str:
    """``98 % alike, distance 2``. Only equal hashes are a hundred per cent; the rest is rounded down.

    The similarity has four decimals, which binary fractions do not always reach.
    """
    if member.kind is MatchKind.IDENTICAL:
        return "equal in every byte"
    return f"{round(member.similarity * _HUNDRED**2) // _HUNDRED} % alike, distance {member.distance}"
