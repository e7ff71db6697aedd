"""Each answer as text."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from simd.core.answers import (
    Check,
    DaemonState,
    FileCounts,
    GroupTotals,
    LoadingPhase,
    Note,
    ProblemSummary,
    Progress,
    QueueStatus,
)
from simd.core.model import FileState, RootState
from simd.render.doctor import doctor
from simd.render.groups import groups, totals
from simd.render.image import compare, show
from simd.render.problems import problems
from simd.render.query import have, query
from simd.render.reports import changes, listing, notified, report
from simd.render.status import progress, status
from simd.render.style import PLAIN, Style
from simd.render.verdict import LOADING_WORDS
from tests.render import samples
from tests.render.samples import HOSTILE, as_json


def _status_of_hostile() -> str:
    notes = (Note(message=HOSTILE, hint=HOSTILE),)
    return status(
        samples.status(
            roots=(samples.root(HOSTILE, RootState.OFFLINE, reason=HOSTILE),),
            problems=ProblemSummary(count=1, notes=notes),
            progress=Progress(phase=HOSTILE, done=1, total=2, per_second=None),
        ),
        PLAIN,
    )


HOSTILE_VIEWS: dict[str, Callable[[], str]] = {
    "status": _status_of_hostile,
    "query": lambda: query(samples.query(samples.match(HOSTILE), path=HOSTILE), HOSTILE, PLAIN),
    "have": lambda: have({"verdict": "near", "where": HOSTILE, "distance": 3}, HOSTILE, PLAIN),
    "groups": lambda: groups(
        samples.groups(samples.group(samples.member(HOSTILE, HOSTILE), path=HOSTILE)), PLAIN
    ),
    "show": lambda: show(samples.shown(HOSTILE, problem=samples.problem(HOSTILE), camera=HOSTILE), PLAIN),
    "compare": lambda: compare(samples.comparison(HOSTILE, words=HOSTILE), PLAIN),
    "problems": lambda: problems(samples.problems(HOSTILE), PLAIN),
    "report": lambda: report(samples.report(HOSTILE, paths=samples.report_paths(HOSTILE)), PLAIN),
    "reports": lambda: listing(samples.reports(samples.head(HOSTILE), folder=HOSTILE), PLAIN),
    "changes": lambda: changes(samples.report_diff(samples.group_change(HOSTILE)), PLAIN),
    "no changes": lambda: changes(samples.report_diff(a=HOSTILE), PLAIN),
    "notified": lambda: notified(samples.notified(HOSTILE), PLAIN),
    "doctor": lambda: doctor([as_json(Check(name=HOSTILE, ok=False, message=HOSTILE, hint=HOSTILE))], PLAIN),
}


def test_status_of_a_daemon_that_is_loading() -> None:
    """What it is doing and where its catalogue is; no count that it does not know yet."""
    for phase in LoadingPhase:
        progress_ = Progress(phase=phase, done=0, total=None, per_second=None)
        shown = status(samples.status("/p", state=DaemonState.LOADING, progress=progress_), PLAIN)
        assert [
            f"Starting: {LOADING_WORDS[phase]}.",
            "",
            "/p",
            "",
            "catalogue  /s/c.db, 12 MB, SQLite 3.40.1",
            "daemon     simd 1.2.3, up 1 h 2 min, process 42",
        ] == shown.splitlines()


@pytest.mark.parametrize("view", HOSTILE_VIEWS)
def test_no_view_lets_a_name_reach_the_terminal(view: str) -> None:
    """With a hostile name in every text field, a view holds line breaks and visible characters only."""
    text = HOSTILE_VIEWS[view]()
    assert r"\x1b]0;x\x07\x9b31m" in text
    assert {"\n"} >= {char for char in text if not char.isprintable()}


def test_groups_say_what_decided_and_what_the_others_lack() -> None:
    """The rule in the header, with why nothing is to be cleared; what is protected is marked."""
    lacking = ("fewer pixels", "newer")
    other = samples.member("/p/b.jpg", "keeper: more pixels", lacks=lacking, protected=True)
    part = replace(
        samples.group(other), decided_by="resolution", clearable=False, obstacle="everything is protected"
    )
    assert (
        "Group 1: near, 2 files, 120 kB reclaimable, kept by resolution; "
        "not to be cleared: everything is protected\n"
        "  keep       4000x3000  3.4 MB  JPEG             /p/a.jpg\n"
        "  protected    800x600  120 kB  JPEG  d 2  0.98  /p/b.jpg  "
        "(fewer pixels, newer; edited)"
    ) == groups(samples.groups(part), PLAIN)
    copy = samples.member("/p/b.jpg", "same bytes", lacks=("longer path",))
    assert "(same bytes; longer path; edited)" in groups(samples.groups(samples.group(copy)), PLAIN)


def test_groups_put_the_keeper_first_and_once() -> None:
    """The keeper is marked and first, also when the members name it again; each member has its figures."""
    keeper_again = samples.member("/p/a.jpg", "keeper", distance=0, similarity=1.0)
    answer = samples.groups(
        samples.group(keeper_again, samples.member("/p/b.jpg")), samples.group(number="7")
    )
    assert (
        "Group 1: near, 2 files, 120 kB reclaimable\n"
        "  keep  4000x3000  3.4 MB  JPEG             /p/a.jpg\n"
        "          800x600  120 kB  JPEG  d 2  0.98  /p/b.jpg  (fewer pixels; edited)\n"
        "\n"
        "Group 7: near, 1 file, 120 kB reclaimable\n"
        "  keep  4000x3000  3.4 MB  JPEG  /p/a.jpg"
    ) == groups(answer, PLAIN)
    assert "2 groups, 5 files, 3 images, 240 kB reclaimable" == totals(answer)
    assert "No duplicate groups." == groups(samples.groups(), PLAIN)


def test_query_names_the_file_as_the_person_did() -> None:
    """Matches come in the daemon's order with figures, turn and tags; the bound is said."""
    answer = samples.query(
        samples.match("/p/same.jpg", "identical", distance=0, similarity=1.0),
        samples.match("/p/turned.jpg", transform="rotate-90", tags=("recoloured",)),
    )
    assert (
        "./x.png: 640x480 PNG, 120 kB\n"
        "  identical  d 0  1.00  4000x3000  3.4 MB  JPEG  /p/same.jpg\n"
        "  near       d 4  0.91  4000x3000  3.4 MB  JPEG  /p/turned.jpg  (rotate-90; recoloured)\n"
        "  2 matches within distance 10 (default)"
    ) == query(answer, "./x.png", PLAIN)
    assert "x: 640x480 PNG, 120 kB\n  no match within distance 10 (default)" == query(
        samples.query(), "x", PLAIN
    )


def test_have_is_one_line() -> None:
    """The verdict comes first and lines up; where only when there is a where."""
    assert "identical  a  at /b" == have({"verdict": "identical", "where": "/b", "distance": 0}, "a", PLAIN)
    assert "near       a  at /b (distance 4)" == have(
        {"verdict": "near", "where": "/b", "distance": 4}, "a", PLAIN
    )
    assert "no         a" == have({"verdict": "no", "where": None, "distance": None}, "a", PLAIN)


def test_status_at_rest() -> None:
    """A healthy daemon says so first; what is not there is not spoken of."""
    assert (
        "All is well: 12,345 pictures in 1 folder, 312 duplicate groups, 4.1 GB to free.\n"
        "\n"
        "watching  1 file  /p\n"
        "\n"
        "last report  2026-11-21 03:00: 1,204 groups, 3.4 GB to free; 12 new (120 MB)\n"
        "next report  2026-11-22 03:00\n"
        "library      12,345 present; 11,900 images, 340 similar pairs\n"
        "index        11,900 images, 11,850 distinct hashes (50 live, 11,800 frozen)\n"
        "catalogue    /s/c.db, 12 MB, SQLite 3.40.1\n"
        "daemon       simd 1.2.3, ready, up 1 h 2 min, process 42"
    ) == status(
        samples.status(
            files=FileCounts(present=12_345, missing=0, offline=0),
            queue=QueueStatus(settling=0, waiting=0, decoding=0),
            duplicates=GroupTotals(groups=312, images=700, files=800, reclaimable_bytes=4_100_000_000),
            last_report=samples.head(),
            next_report="2026-11-22T03:00:00+01:00",
        ),
        PLAIN,
    )


def test_status_in_trouble() -> None:
    """What needs a person comes first and again with its remedy; what goes on all the same has its line."""
    answer = samples.status(
        state=DaemonState.DEGRADED,
        roots=(samples.root("/nas", RootState.OFFLINE, reason="not mounted", network=True, files=1_000),),
        progress=Progress(phase="decode", done=120, total=500, per_second=84.6),
        problems=ProblemSummary(
            count=1, notes=(Note(message="limit reached", hint="raise it"), Note(message="late.", hint=None))
        ),
    )
    answer["catalogue"]["recovery"] = "set aside as c.db.broken"
    text = status(answer, PLAIN)
    assert text.startswith(
        "Needs you: limit reached. And 1 more thing, see below.\n"
        "Reading: 120 of 500 (24 %), less than a minute left.\n"
        "\n"
        "offline  1,000 files  /nas  (network; not mounted)\n"
    )
    for part in (
        "queue       2 settling, 5 waiting, 4 decoding",
        "unreadable  1 file; simctl problems says why",
        "library     12,345 present, 3 missing; 11,900 images",
        "recovery    set aside as c.db.broken",
    ):
        assert part in text
    assert text.endswith("\n\n! limit reached\n  raise it\n\n! late.")
    assert "\x1b[31moffline\x1b[0m" in status(answer, Style(colour=True))


def test_progress_without_a_total() -> None:
    """A sweep does not know how much there is."""
    assert "sweep: 1,200" == progress({"phase": "sweep", "done": 1200, "total": None})
    assert "decode: 0" == progress({"phase": "decode", "done": 0, "total": 0})


def test_show_tells_files_pairs_and_trouble() -> None:
    """One image with its facts, its files by state, its neighbours, and why it cannot be read now."""
    missing = (samples.file("/p/a.jpg"), samples.file("/p/gone.jpg", FileState.MISSING))
    text = show(
        samples.shown("/p/b.jpg", files=missing, low_detail=True, problem=samples.problem("/p/a.jpg")), PLAIN
    )
    for part in (
        "Image 1\n  picture   4000x3000 JPEG, 3.4 MB\n",
        "0f0f0f0f0f0f0f0f (low detail: means little)",
        "taken     2024-05-06 07:08",
        "camera    Maker Model",
        "2 files\n  present  2024-05-06 07:08  /p/a.jpg\n  missing  2024-05-06 07:08  /p/gone.jpg",
        "1 similar image\n  image 2  d 4  0.84  strict  /p/b.jpg  (recoloured)",
        "! the file ends early",
    ):
        assert part in text
    assert show(samples.shown(pairs=()), PLAIN).endswith("0 similar images")


def test_show_tells_what_belongs_to_a_file() -> None:
    """Below it, with role and size; a daemon that is older says nothing of that."""
    mixed = (samples.with_companion("/p/a.jpg", "/p/a.xmp"), samples.file("/p/b.jpg"))
    text = show(samples.shown(files=mixed), PLAIN)
    assert (
        "2 files\n"
        "  present    2024-05-06 07:08  /p/a.jpg\n"
        "    sidecar  4.1 kB              /p/a.xmp\n"
        "  present    2024-05-06 07:08  /p/b.jpg\n"
    ) in text


def test_compare_judges_with_a_reason() -> None:
    """Both pictures, the judgement, and every measure; a dash where one could not be taken."""
    text = compare(samples.comparison(), PLAIN)
    for part in (
        "A  640x480  120 kB  PNG  /p/a.jpg\nB  640x480  120 kB  PNG\n",
        "near (preset strict) (edited): The hashes differ by 4 bits.",
        "pHash 64, bits that differ           4\n",
        "mean difference, grey levels     1.250\n",
        "structural similarity, -1 to 1       -\n",
        "\ncloser look: same scene, something moved\ndoubtful: the hashes say otherwise\n",
    ):
        assert part in text
    assert "too flat for their hashes" in compare(samples.comparison(flat=True), PLAIN)
    assert "closer look" not in compare(samples.comparison(words=None), PLAIN)


def test_problems_say_why_and_how_often() -> None:
    """A line each with the reason and the attempts."""
    start = "2024-05-06 07:08  truncated  "
    assert (
        f"{start}/p/x  (the file ends early)\n"
        f"{start}/p/y  (the file ends early; tried again once)\n"
        f"{start}/p/z  (the file ends early; tried again 2 times)"
    ) == problems(samples.problems("/p/x", "/p/y", "/p/z"), PLAIN)
    assert "No unreadable files." == problems(samples.problems(), PLAIN)


def test_doctor_says_what_to_do() -> None:
    """What can be done stands below, also where it is no more than advice."""
    checks = [
        as_json(Check(name="space", ok=True, message="9 GB free", hint="more is better")),
        as_json(Check(name="watches", ok=False, message="limit 8192", hint="sysctl ...")),
    ]
    assert (
        "ok     space    9 GB free\n"
        "                -> more is better\n"
        "WRONG  watches  limit 8192\n"
        "                -> sysctl ...\n"
        "\n"
        "1 thing to put right; 2 checks."
    ) == doctor(checks, PLAIN)
    assert doctor(checks[:1], PLAIN).endswith("Nothing is wrong; 1 check.")


def test_doctor_tells_what_is_wrong_from_what_is_not_known() -> None:
    """Each check has its mark, long words are broken into lines of 80 columns, advice stands below."""
    checks = [
        Check(name="space", ok=True, message="much", hint=None),
        Check(name="clock", ok=False, message=" ".join(30 * ["late"]), hint="set it"),
        Check(name="backup", ok=True, checked=False, message="nobody knows", hint=None),
    ]
    late = " ".join(13 * ["late"])
    assert (
        "ok     space   much\n"
        f"WRONG  clock   {late}\n"
        f"               {late}\n"
        "               late late late late\n"
        "               -> set it\n"
        "?      backup  nobody knows\n"
        "\n"
        "1 thing to put right; 3 checks, 1 could not be looked at."
    ) == doctor([as_json(check) for check in checks], PLAIN)
    assert "Nothing is wrong; 1 check." in doctor([as_json(checks[0])], PLAIN)
