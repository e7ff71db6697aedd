"""One answer of each shape, with values that are easy to tell apart."""

from simd.core.actions.words import CompanionRole
from simd.core.answers import (
    Activity,
    CatalogueStatus,
    Category,
    CategoryTotals,
    Change,
    Check,
    Comparison,
    ComparisonMeasures,
    DaemonState,
    DoctorAnswer,
    Done,
    File,
    FileCompanion,
    FileCounts,
    FileInFull,
    Group,
    GroupChange,
    GroupPage,
    GroupTotals,
    Image,
    ImageAnswer,
    ImageLike,
    IndexStatus,
    InHand,
    LibraryTotals,
    Marked,
    Match,
    MatchKind,
    Member,
    MemoryUse,
    Metric,
    MetricKind,
    Neighbour,
    Note,
    NotificationTest,
    PartedPicture,
    PartGroup,
    Partition,
    PartRefusal,
    ProblemPage,
    ProblemRow,
    ProblemSummary,
    Progress,
    ProtectedList,
    ProtectedPath,
    ProtectionChanged,
    Pulse,
    QueryAnswer,
    QueryTimes,
    QueueStatus,
    Reloaded,
    RematchStarted,
    ReportAnswer,
    ReportDiff,
    ReportHead,
    ReportList,
    ReportNews,
    ReportPaths,
    ReportTrigger,
    RootStatus,
    ScanStarted,
    Status,
    Synced,
    Unmarked,
    Verdict,
    VerdictImage,
    VerdictPage,
    VerdictRow,
)
from simd.core.judgement import Judgement
from simd.core.model import FileState, ProblemCode, RootState
from simd.core.verdicts import VerdictKind

GENERATION = 7

FILES = (
    File(
        path="/photos/a.jpg",
        root="/photos",
        bytes=100,
        mtime="2026-01-02T03:04:05+01:00",
        state=FileState.PRESENT,
    ),
    File(
        path="/photos/caf\\xe9.jpg",
        path_b64="L3Bob3Rvcy9jYWbpLmpwZw==",
        root="/photos",
        bytes=100,
        mtime="2026-01-02T03:04:05+01:00",
        state=FileState.MISSING,
    ),
)

_CONTENT = {
    "digest": "sha256:" + 32 * "ab",
    "width": 640,
    "height": 480,
    "format": "JPEG",
    "bytes": 100,
    "phash": 8 * "0f",
    "phash256": 32 * "0f",
    "low_detail": False,
    "taken_at": None,
    "camera": "Maker Model",
}

IMAGE = Image(id=3, files=FILES, **_CONTENT)  # type: ignore[arg-type]  # spread over typed fields
IMAGE_LIKE = ImageLike(id=None, path="/tmp/q.jpg", **_CONTENT)  # type: ignore[arg-type]  # noqa: S108 - as above; never opened

QUERY = QueryAnswer(
    query=IMAGE_LIKE,
    preset="default",
    radius=10,
    matches=(
        Match(
            image=IMAGE,
            path="/photos/a.jpg",
            distance=2,
            similarity=0.9375,
            kind=MatchKind.NEAR,
            transform="identity",
            tags=("edited",),
        ),
    ),
    took_ms=1.5,
    generation=GENERATION,
)

GROUPS = GroupPage(
    groups=(
        Group(
            id="g3",
            kind=MatchKind.IDENTICAL,
            keeper=IMAGE,
            path="/photos/a.jpg",
            members=(
                Member(
                    image=IMAGE,
                    path="/photos/caf\\xe9.jpg",
                    path_b64="L3Bob3Rvcy9jYWbpLmpwZw==",
                    kind=MatchKind.IDENTICAL,
                    distance=0,
                    similarity=1.0,
                    reason="shorter path",
                    tags=(),
                ),
            ),
            reclaimable_bytes=100,
        ),
    ),
    totals=GroupTotals(groups=1, images=1, files=2, reclaimable_bytes=100),
    next_cursor="more",
    generation=GENERATION,
)

PROBLEM = ProblemRow(
    path="/photos/bad.jpg",
    code=ProblemCode.TRUNCATED,
    reason="the file ends early",
    since="2026-01-02T03:04:05+01:00",
    retried=1,
)
PROBLEMS = ProblemPage(problems=(PROBLEM,), next_cursor=None, generation=GENERATION)

MARKED = Marked(added=2, replaced=1, unchanged=0, generation=GENERATION)
UNMARKED = Unmarked(removed=3, generation=GENERATION)
VERDICTS = VerdictPage(
    verdicts=(
        VerdictRow(
            verdict=VerdictKind.DIFFERENT,
            images=(
                VerdictImage(
                    digest="sha256:" + "ab" * 32,
                    id=3,
                    path="/photos/caf\\xe9.jpg",
                    path_b64="L3Bob3Rvcy9jYWbpLmpwZw==",
                ),
                VerdictImage(digest="sha256:" + "cd" * 32, id=None, path=None),
            ),
            since="2026-11-21T18:30:00+00:00",
        ),
    ),
    total=1,
    next_cursor=None,
    generation=GENERATION,
)

IMAGE_ANSWER = ImageAnswer(
    id=3,
    files=(
        FileInFull(
            path="/photos/a.jpg",
            root="/photos",
            bytes=100,
            mtime="2026-01-02T03:04:05+01:00",
            state=FileState.PRESENT,
            companions=(FileCompanion(path="/photos/a.cr2", role=CompanionRole.RAW, bytes=2_000),),
        ),
    ),
    pairs=(
        Neighbour(
            id=4,
            path=None,
            distance=2,
            distance256=8,
            similarity=0.9375,
            correlation=0.99,
            colour=None,
            worst_cell=0.5,
            flat=False,
            preset="strict",
            tags=(),
        ),
    ),
    problem=PROBLEM,
    generation=GENERATION,
    **_CONTENT,  # type: ignore[arg-type]  # as above
)

COMPARISON = Comparison(
    a=IMAGE_LIKE,
    b=IMAGE_LIKE,
    measures=ComparisonMeasures(
        distance=2,
        distance256=8,
        similarity=0.9375,
        correlation=0.99,
        colour=None,
        worst_cell=0.5,
        flat=False,
        ssim=0.98,
        mean_difference=1.25,
        worst_block=9.0,
        dhash=1,
        ahash=0,
        whash=2,
        colorhash=3,
        colour_difference=0.5,
        sharpness_a=120.0,
        sharpness_b=118.0,
        changed=0.0,
    ),
    verdict=Verdict.NEAR,
    preset="strict",
    tags=(),
    reason="the hashes differ in 2 of 64 bits",
    judgement=Judgement.SAME,
    words="same picture, smaller",
    sharper=None,
    doubtful=False,
    generation=GENERATION,
)

PARTITION = Partition(
    grade=0.95,
    groups=(
        PartGroup(number=1, pictures=(PartedPicture(name="a.jpg", path="/photos/a.jpg", sha1=20 * "ab"),)),
    ),
    refused=(
        PartRefusal(name="b.jpg", path=None, code=ProblemCode.CORRUPT, reason="Its content is damaged."),
    ),
    took_ms=12.5,
    generation=GENERATION,
)

STATUS = Status(
    version="0.1.0",
    uptime_seconds=12.5,
    pid=4321,
    state=DaemonState.SCANNING,
    paused=False,
    roots=(RootStatus(path="/photos", state=RootState.WATCHING, reason=None, files=2, network=False),),
    files=FileCounts(present=1, missing=1, offline=0),
    images=1,
    pairs=0,
    queue=QueueStatus(settling=0, waiting=1, decoding=2),
    progress=Progress(phase="decode", done=1, total=None, per_second=3.5),
    index=IndexStatus(images=1, distinct=1, live=1, frozen=0),
    next_report=None,
    problems=ProblemSummary(count=1, notes=(Note(message="few watches", hint="raise the limit"),)),
    catalogue=CatalogueStatus(path="/state/catalogue.db", bytes=4096, sqlite="3.40.1", recovery=None),
    generation=GENERATION,
)

_KEPT = ProtectedPath(path="/photos/kept", files=12, since="2026-01-02T03:04:05+01:00")
PROTECTED = ProtectedList(protected=(_KEPT,), generation=GENERATION)
PROTECTION_CHANGED = ProtectionChanged(changed=(_KEPT,), unchanged=(), generation=GENERATION)

_TOTALS = GroupTotals(groups=1, images=1, files=2, reclaimable_bytes=100)

HEAD = ReportHead(
    id="2026-11-21",
    date="2026-11-21",
    made_at="2026-11-21T03:00:00+01:00",
    trigger=ReportTrigger.NIGHTLY,
    since=None,
    preset="default",
    library=LibraryTotals(files=2, images=1, bytes=200),
    totals=_TOTALS,
    categories=(CategoryTotals(category=Category.IDENTICAL, totals=_TOTALS),),
    new=ReportNews(groups=1, images=1, reclaimable_bytes=100, resolved_groups=0, freed_bytes=0),
    activity=Activity(added=2, moved=0, removed=0),
    problems=1,
    paths=ReportPaths(html="/r/a.html", json="/r/a.json", csv="/r/a.csv", txt="/r/a.txt"),
)
REPORT = ReportAnswer(report=HEAD, summary="One group.\nIt is new.", generation=GENERATION)
REPORTS = ReportList(reports=(HEAD,), folder="/r", next_at="2026-11-22T03:00:00+01:00", generation=GENERATION)
REPORT_DIFF = ReportDiff(
    a="2026-11-20",
    b="2026-11-21",
    changes=(
        GroupChange(
            change=Change.GREW,
            path="/photos/caf\\xe9.jpg",
            path_b64="L3Bob3Rvcy9jYWbpLmpwZw==",
            files_before=2,
            files_after=3,
            reclaimable_before=100,
            reclaimable_after=200,
        ),
    ),
    reclaimable_before=100,
    reclaimable_after=200,
    generation=GENERATION,
)
NOTIFIED = NotificationTest(sent=1, failed=("tgram://*** (no answer in time)",), generation=GENERATION)

SYNCED = Synced(waited_ms=3.0, generation=GENERATION)
SCAN_STARTED = ScanStarted(scan=1, roots=("/photos",), generation=GENERATION)
RELOADED = Reloaded(
    changed=("roots",),
    restarted=("roots",),
    stayed=("log",),
    needs_restart=("socket",),
    notes=(Note(message="It is busy.", hint="wait"),),
    generation=GENERATION,
)
REMATCH_STARTED = RematchStarted(begun=True, images=20, pairs=3, generation=GENERATION)
DOCTOR = DoctorAnswer(
    ok=False,
    checks=(Check(name="watches", ok=False, message="too few", hint="raise the limit"),),
    generation=GENERATION,
)
METRICS = (
    Metric(name="simd_files", kind=MetricKind.GAUGE, help="Files.", value=1, labels={"state": "present"}),
    Metric(name="simd_scans_total", kind=MetricKind.COUNTER, help="Sweeps.", value=2),
    Metric(name="simd_files", kind=MetricKind.GAUGE, help="Files.", value=4, labels={"state": "missing"}),
)

PULSE = Pulse(
    uptime_seconds=62.0,
    reading=(InHand(path="/photos/a.jpg", seconds=0.25),),
    done=Done(files=12, bytes=3_400, queries=5),
    queries=QueryTimes(count=5, p50_ms=1.5, p99_ms=9.0),
    memory=MemoryUse(daemon_bytes=80_000_000, workers_bytes=300_000_000, workers=3),
    generation=GENERATION,
)
