"""Answers in every shape of the protocol, built from its dataclasses so that no field is misnamed."""

import json
from dataclasses import asdict
from typing import Any

from simd.core import answers
from simd.core.actions.words import CompanionRole
from simd.core.holds import HoldReason
from simd.core.judgement import Judgement
from simd.core.model import FileState, ProblemCode, RootState

HOSTILE = "/p/\x1b]0;x\x07\x9b31m\r\n\u202e\ud800\udcff.jpg"
"""A name that would retitle the window, colour it, break the line and turn the text around."""


def as_json(answer: Any) -> dict[str, Any]:
    """The answer as it crosses the socket: a path in Base64 is left out when it is None."""
    made: dict[str, Any] = json.loads(json.dumps(asdict(answer, dict_factory=_dict)))
    return made


def _dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if not (name.endswith("_b64") and value is None)}


def image(number: int = 1, path: str = "/p/a.jpg", **changes: Any) -> answers.Image:
    """A catalogued image with one file."""
    values: dict[str, Any] = {
        "id": number,
        "digest": "sha256:" + "ab" * 32,
        "width": 4000,
        "height": 3000,
        "format": "JPEG",
        "bytes": 3_400_000,
        "phash": "0f" * 8,
        "phash256": "0f" * 32,
        "low_detail": False,
        "taken_at": "2024-05-06T07:08:09",
        "camera": "Maker Model",
        "files": (file(path),),
    }
    return answers.Image(**values | changes)


def file(path: str = "/p/a.jpg", state: FileState = FileState.PRESENT) -> answers.File:
    """A file of the catalogue."""
    return answers.File(path=path, root="/p", bytes=3_400_000, mtime="2024-05-06T07:08:09+02:00", state=state)


def with_companion(path: str, companion: str) -> answers.FileInFull:
    """A file of the catalogue, and a sidecar that belongs to it."""
    found = answers.FileCompanion(path=companion, role=CompanionRole.SIDECAR, bytes=4_100)
    return answers.FileInFull(**asdict(file(path)), companions=(found,))


def likeness(path: str | None = "/p/a.jpg", number: int | None = 1) -> answers.ImageLike:
    """A picture that was asked about."""
    return answers.ImageLike(
        id=number,
        path=path,
        digest="sha256:" + "ab" * 32,
        width=640,
        height=480,
        format="PNG",
        bytes=120_000,
        phash="0f" * 8,
        phash256="0f" * 32,
        low_detail=False,
        taken_at=None,
        camera=None,
    )


def match(path: str = "/p/b.jpg", kind: str = "near", **changes: Any) -> answers.Match:
    """A match of a query."""
    values: dict[str, Any] = {
        "image": image(2, path),
        "path": path,
        "distance": 4,
        "similarity": 0.914,
        "kind": answers.MatchKind(kind),
        "transform": "identity",
        "tags": (),
    }
    return answers.Match(**values | changes)


def query(*matches: answers.Match, path: str | None = "/p/a.jpg", number: int | None = 1) -> dict[str, Any]:
    """An answer to ``POST /v1/query``."""
    return as_json(
        answers.QueryAnswer(
            query=likeness(path, number),
            preset="default",
            radius=10,
            matches=matches,
            took_ms=1.5,
            generation=9,
        )
    )


def member(path: str, reason: str = "fewer pixels", **changes: Any) -> answers.Member:
    """A member of a group."""
    values: dict[str, Any] = {
        "image": image(2, path, width=800, height=600, bytes=120_000),
        "path": path,
        "kind": answers.MatchKind.NEAR,
        "distance": 2,
        "similarity": 0.98,
        "reason": reason,
        "tags": ("edited",),
    }
    return answers.Member(**values | changes)


def group(*members: answers.Member, number: str = "1", path: str = "/p/a.jpg") -> answers.Group:
    """A group around the image at ``path``."""
    return answers.Group(
        id=number,
        kind=answers.MatchKind.NEAR,
        keeper=image(1, path),
        path=path,
        members=members,
        reclaimable_bytes=120_000,
    )


def groups(*parts: answers.Group, next_cursor: str | None = None) -> dict[str, Any]:
    """An answer to ``GET /v1/groups``."""
    totals = answers.GroupTotals(groups=2, images=3, files=5, reclaimable_bytes=240_000)
    return as_json(answers.GroupPage(groups=parts, totals=totals, next_cursor=next_cursor, generation=9))


def shown(path: str = "/p/a.jpg", **changes: Any) -> dict[str, Any]:
    """An answer to ``GET /v1/images/{id}``."""
    neighbour = answers.Neighbour(
        id=2,
        path=path,
        distance=4,
        distance256=20,
        similarity=0.84,
        correlation=0.97,
        colour=None,
        worst_cell=0.5,
        flat=False,
        preset="strict",
        tags=("recoloured",),
    )
    of_image = {name: getattr(image(1, path), name) for name in answers.Image.__dataclass_fields__}
    files = (with_companion(path, f"{path}.xmp"),)
    values: dict[str, Any] = {
        **of_image,
        "files": files,
        "pairs": (neighbour,),
        "problem": None,
        "generation": 9,
    }
    return as_json(answers.ImageAnswer(**values | changes))


def comparison(
    path: str = "/p/a.jpg", *, flat: bool = False, words: str | None = "same scene, something moved"
) -> dict[str, Any]:
    """An answer to ``POST /v1/compare`` in which not every measure was taken."""
    measures = answers.ComparisonMeasures(
        distance=4,
        distance256=20,
        similarity=0.84,
        correlation=0.97,
        colour=None,
        worst_cell=0.5,
        flat=flat,
        ssim=None,
        mean_difference=1.25,
        worst_block=None,
        dhash=3,
        ahash=None,
        whash=None,
        colorhash=None,
        colour_difference=2.5,
        sharpness_a=None,
        sharpness_b=None,
        changed=None,
    )
    return as_json(
        answers.Comparison(
            a=likeness(path),
            b=likeness(None, None),
            measures=measures,
            verdict=answers.Verdict.NEAR,
            preset="strict",
            tags=("edited",),
            reason="The hashes differ by 4 bits.",
            judgement=Judgement.ALTERED,
            words=words,
            sharper=None,
            doubtful=True,
            generation=9,
        )
    )


def head(report_id: str = "2026-11-21", **changes: Any) -> answers.ReportHead:
    """A report in brief."""
    totals = answers.GroupTotals(groups=1_204, images=2_900, files=3_100, reclaimable_bytes=3_400_000_000)
    values: dict[str, Any] = {
        "id": report_id,
        "date": "2026-11-21",
        "made_at": "2026-11-21T03:00:04+01:00",
        "trigger": answers.ReportTrigger.NIGHTLY,
        "since": "2026-11-20",
        "preset": "default",
        "library": answers.LibraryTotals(files=12_345, images=11_900, bytes=40_000_000_000),
        "totals": totals,
        "categories": (answers.CategoryTotals(category=answers.Category.NEAR, totals=totals),),
        "new": news(groups=12, reclaimable_bytes=120_000_000),
        "activity": answers.Activity(added=40, moved=2, removed=1),
        "problems": 0,
        "paths": report_paths(f"/r/report-{report_id}"),
    }
    return answers.ReportHead(**values | changes)


def news(**changes: int) -> answers.ReportNews:
    """Nothing new, but for the changes."""
    nothing = {"groups": 0, "images": 0, "reclaimable_bytes": 0, "resolved_groups": 0, "freed_bytes": 0}
    return answers.ReportNews(**nothing | changes)


def report_paths(stem: str) -> answers.ReportPaths:
    """The files of a report."""
    return answers.ReportPaths(html=f"{stem}.html", json=f"{stem}.json", csv=f"{stem}.csv", txt=f"{stem}.txt")


def reports(
    *heads: answers.ReportHead, folder: str = "/r", next_at: str | None = "2026-11-22T03:00:00+01:00"
) -> dict[str, Any]:
    """An answer to ``GET /v1/reports``."""
    return as_json(answers.ReportList(reports=heads, folder=folder, next_at=next_at, generation=9))


def report(summary: str = "12 new groups.\n\nThe largest ...", **changes: Any) -> dict[str, Any]:
    """An answer to ``GET /v1/reports/{id}``."""
    return as_json(answers.ReportAnswer(report=head(**changes), summary=summary, generation=9))


def report_diff(*changes: answers.GroupChange, a: str = "2026-11-20") -> dict[str, Any]:
    """An answer to ``GET /v1/reports/diff``."""
    return as_json(
        answers.ReportDiff(
            a=a,
            b="2026-11-21",
            changes=changes,
            reclaimable_before=3_300_000_000,
            reclaimable_after=3_400_000_000,
            generation=9,
        )
    )


def group_change(path: str = "/p/a.jpg", change: str = "grew", **changes: int) -> answers.GroupChange:
    """A group in two reports."""
    numbers: dict[str, Any] = {
        "files_before": 2,
        "files_after": 3,
        "reclaimable_before": 10_000,
        "reclaimable_after": 250_000,
    }
    return answers.GroupChange(path=path, change=answers.Change(change), **numbers | changes)


def notified(*failed: str, sent: int = 1) -> dict[str, Any]:
    """An answer to ``POST /v1/notifications/test``."""
    return as_json(answers.NotificationTest(sent=sent, failed=failed, generation=9))


def problems(*paths: str, next_cursor: str | None = None) -> dict[str, Any]:
    """An answer to ``GET /v1/problems``."""
    rows = [problem(path, retried) for retried, path in enumerate(paths)]
    return as_json(answers.ProblemPage(problems=rows, next_cursor=next_cursor, generation=9))


def problem(path: str, retried: int = 0) -> answers.ProblemRow:
    """An unreadable file."""
    return answers.ProblemRow(
        path=path,
        code=ProblemCode.TRUNCATED,
        reason="the file ends early",
        since="2024-05-06T07:08:09+02:00",
        retried=retried,
    )


def status(path: str = "/p", **changes: Any) -> dict[str, Any]:
    """An answer to ``GET /v1/status``."""
    values: dict[str, Any] = {
        "version": "1.2.3",
        "uptime_seconds": 3725.0,
        "pid": 42,
        "state": answers.DaemonState.READY,
        "paused": False,
        "roots": (root(path),),
        "files": answers.FileCounts(present=12_345, missing=3, offline=0),
        "images": 11_900,
        "pairs": 340,
        "queue": answers.QueueStatus(settling=2, waiting=5, decoding=4),
        "progress": None,
        "index": answers.IndexStatus(images=11_900, distinct=11_850, live=50, frozen=11_800),
        "next_report": None,
        "problems": answers.ProblemSummary(count=0, notes=()),
        "generation": 9,
        "catalogue": answers.CatalogueStatus(
            path="/s/c.db", bytes=12_000_000, sqlite="3.40.1", recovery=None
        ),
    }
    return as_json(answers.Status(**values | changes))


def held() -> dict[str, Any]:
    """What a paused daemon's status adds: a pause by hand, and quiet hours."""
    since, until = "2026-11-20T14:03:00+01:00", "2026-11-20T18:00:00+01:00"
    person = answers.HoldView(reason=HoldReason.PERSON, since=since, until=None)
    quiet = answers.HoldView(reason=HoldReason.QUIET_HOURS, since=since, until=until)
    return {"paused": True, "holds": (person, quiet)}


def root(path: str, state: RootState = RootState.WATCHING, **changes: Any) -> answers.RootStatus:
    """A watched folder."""
    values: dict[str, Any] = {"path": path, "state": state, "reason": None, "files": 1, "network": False}
    return answers.RootStatus(**values | changes)


def pulse(*reading: answers.InHand, **changes: Any) -> dict[str, Any]:
    """An answer to ``GET /v1/pulse``."""
    values: dict[str, Any] = {
        "uptime_seconds": 100.0,
        "done": answers.Done(files=1_200, bytes=3_400_000, queries=7),
        "queries": answers.QueryTimes(count=5, p50_ms=1.25, p99_ms=9.0),
        "memory": answers.MemoryUse(daemon_bytes=98_000_000, workers_bytes=175_000_000, workers=4),
        "generation": 9,
    }
    return as_json(answers.Pulse(reading=reading, **values | changes))
