"""Reports as values, whole or in parts, for the tests of their forms."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from simd.core.answers import (
    Activity,
    Category,
    CategoryTotals,
    Change,
    Group,
    GroupTotals,
    Image,
    LibraryTotals,
    MatchKind,
    Member,
    Note,
    ReportHead,
    ReportNews,
    ReportPaths,
    ReportTrigger,
)
from simd.core.answers.pictures import File
from simd.core.model import FileState
from simd.core.report.value import (
    Card,
    FolderPair,
    Report,
    Resolved,
    Section,
    TrendPoint,
    Trouble,
    YearTotals,
    sum_totals,
)

NO_TOTALS = GroupTotals(groups=0, images=0, files=0, reclaimable_bytes=0)
NO_NEWS = ReportNews(groups=0, images=0, reclaimable_bytes=0, resolved_groups=0, freed_bytes=0)


def image(number: int, path: str = "/home/a/Camera/a.jpg", **changes: Any) -> Image:
    """An image with one file."""
    values: dict[str, Any] = {
        "id": number,
        "digest": f"sha256:{number:064x}",
        "width": 4000,
        "height": 3000,
        "format": "JPEG",
        "bytes": 3_400_000,
        "phash": "0f" * 8,
        "phash256": "0f" * 32,
        "low_detail": False,
        "taken_at": "2024-05-06T07:08:09",
        "camera": None,
        "files": (_file(path),),
    }
    return Image(**values | changes)


def _file(path: str) -> File:
    return File(
        path=path,
        root="/home/a/Camera",
        bytes=3_400_000,
        mtime="2024-05-06T07:08:09+02:00",
        state=FileState.PRESENT,
    )


def member(number: int, path: str, **changes: Any) -> Member:
    """A file of a group that looks like the keeper."""
    values: dict[str, Any] = {
        "image": image(number, path),
        "path": path,
        "kind": MatchKind.NEAR,
        "distance": 2,
        "similarity": 0.984,
        "reason": "keeper: more pixels",
        "tags": (),
    }
    return Member(**values | changes)


def keeper(number: int, path: str, **changes: Any) -> Member:
    """The file of a group that is kept."""
    same = {"kind": MatchKind.IDENTICAL, "distance": 0, "similarity": 1.0, "reason": "keeper"}
    return member(number, path, **same | changes)


def group(*members: Member, reclaimable_bytes: int = 3_400_000) -> Group:
    """A group of these members, the first of them kept."""
    first = members[0]
    same = len({one.image.id for one in members}) == 1
    return Group(
        id=str(first.image.id),
        kind=MatchKind.IDENTICAL if same else MatchKind.NEAR,
        keeper=first.image,
        path=first.path,
        path_b64=first.path_b64,
        members=members,
        reclaimable_bytes=reclaimable_bytes,
    )


def near_group(number: int = 1, name: str = "a", **changes: Any) -> Group:
    """Two pictures that look the same; ``number`` and the next one are their ids."""
    first = keeper(number, f"/home/a/Camera/{name}.jpg")
    second = member(number + 1, f"/home/a/Camera/small/{name}.jpg", **changes)
    return group(first, second)


def identical_group(number: int = 1, name: str = "a", copies: int = 2) -> Group:
    """Equal copies in as many files."""
    first = keeper(number, f"/home/a/Camera/{name}.jpg")
    rest = [
        keeper(number, f"/home/a/Camera/copy {copy}/{name}.jpg", reason="same bytes")
        for copy in range(1, copies)
    ]
    return group(first, *rest, reclaimable_bytes=3_400_000 * len(rest))


def card(one: Group, category: Category = Category.NEAR, **changes: Any) -> Card:
    """The group as a card that shows all its members."""
    values: dict[str, Any] = {
        "group": one,
        "category": category,
        "change": None,
        "differences": [() for _ in one.members],
        "doubts": [category is Category.DOUBTFUL and bool(part.tags) for part in one.members],
        "hidden_members": 0,
    }
    return Card(**values | changes)


def totals_of(cards: Sequence[Card]) -> GroupTotals:
    """The sums over the groups of these cards."""
    return sum_totals(
        [
            GroupTotals(
                groups=1,
                images=len({part.image.id for part in one.group.members}),
                files=len(one.group.members) + one.hidden_members,
                reclaimable_bytes=one.group.reclaimable_bytes,
            )
            for one in cards
        ]
    )


def section(category: Category, cards: Sequence[Card], hidden: int = 0) -> Section:
    """A section of these cards."""
    totals = totals_of(cards)
    totals = replace(totals, groups=totals.groups + hidden)
    return Section(totals=CategoryTotals(category=category, totals=totals), cards=cards, hidden_groups=hidden)


def head(**changes: Any) -> ReportHead:
    """The head of a nightly report that follows another."""
    values: dict[str, Any] = {
        "id": "2026-11-21",
        "date": "2026-11-21",
        "made_at": "2026-11-21T03:00:04+01:00",
        "trigger": ReportTrigger.NIGHTLY,
        "since": "2026-11-20",
        "preset": "default",
        "library": LibraryTotals(files=12_400, images=12_010, bytes=48_000_000_000),
        "totals": NO_TOTALS,
        "categories": (),
        "new": NO_NEWS,
        "activity": Activity(added=12, moved=3, removed=1),
        "problems": 0,
        "paths": ReportPaths(
            html="/state/reports/report-2026-11-21.html",
            json="/state/reports/report-2026-11-21.json",
            csv="/state/reports/report-2026-11-21.csv",
            txt="/state/reports/report-2026-11-21.txt",
        ),
    }
    return ReportHead(**values | changes)


def report(
    news: Sequence[Card] = (), sections: Sequence[Section] = (), head_changes: Any = None, **changes: Any
) -> Report:
    """A report of these cards whose sums fit them."""
    parts = [part.totals for part in sections]
    found = totals_of(news)
    values: dict[str, Any] = {
        "totals": sum_totals([found, *(part.totals for part in parts)]),
        "categories": parts,
        "new": replace(
            NO_NEWS, groups=found.groups, images=found.images, reclaimable_bytes=found.reclaimable_bytes
        ),
    }
    rest: dict[str, Any] = {
        "trend": (),
        "hidden_news": 0,
        "resolved": (),
        "hidden_resolved": 0,
        "savings": (),
        "folder_pairs": (),
        "hidden_folder_pairs": 0,
        "years": (),
        "troubles": (),
        "notes": (),
    }
    made = head(**values | (head_changes or {}))
    return Report(head=made, news=news, sections=sections, **rest | changes)


def full_report() -> Report:
    """A report with something in each of its parts."""
    fresh = card(near_group(1, "beach"), change=Change.APPEARED, differences=[(), ("half as wide",)])
    grown = card(identical_group(3, "party", 3), Category.IDENTICAL, change=Change.GREW)
    same = card(identical_group(5, "dog"), Category.IDENTICAL)
    alike = card(near_group(7, "cat"), hidden_members=988)
    doubtful = card(
        near_group(9, "tree", tags=("recoloured",)),
        Category.DOUBTFUL,
        differences=[(), ("recoloured", "62 % fewer bytes")],
    )
    sections = (
        section(Category.IDENTICAL, [same]),
        section(Category.NEAR, [alike], hidden=40),
        section(Category.DOUBTFUL, [doubtful]),
    )
    return report(
        [fresh, grown],
        sections,
        {"problems": 7},
        trend=[
            TrendPoint(
                made_at=f"2026-11-{day:02d}T03:00:04+01:00",
                reclaimable_bytes=40_000_000 + day * 1_000_000,
                groups=40 + day,
                library_bytes=48_000_000_000,
            )
            for day in (18, 19, 20, 21)
        ],
        resolved=[
            Resolved(
                change=Change.RESOLVED, path="/home/a/x.jpg", files_before=2, files_after=0, freed_bytes=9_000
            ),
            Resolved(
                change=Change.SHRANK, path="/home/a/y.jpg", files_before=5, files_after=3, freed_bytes=5_000
            ),
        ],
        hidden_resolved=3,
        savings=[alike, fresh],
        folder_pairs=[
            FolderPair(keeper="Camera", other="Backup/2019", pairs=1_204, reclaimable_bytes=3_000_000_000),
            FolderPair(keeper="Camera", other="Camera", pairs=2, reclaimable_bytes=3_000_000),
        ],
        hidden_folder_pairs=6,
        years=[
            YearTotals(year=year, groups=3, reclaimable_bytes=year * 1_000) for year in (2024, 2023, 2019)
        ],
        troubles=[
            Trouble(
                code="truncated",
                reason="the file ends too early",
                remedy="Copy it again from where it came.",
                files=7,
                paths=["/home/a/broken.jpg"],
            )
        ],
        notes=[Note(message="/mnt/disk is offline: it vanished", hint="Mount it again.")],
    )
