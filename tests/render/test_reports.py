"""Reports on the terminal: a line for each, the words of one, the changes between two."""

from simd.render.reports import changes, listing, news, notified, report
from simd.render.style import PLAIN, Style
from tests.render import samples
from tests.render.samples import as_json


def test_the_list_lines_up() -> None:
    """Each report says what there is and what was new; below is where they lie and when the next comes."""
    answer = samples.reports(
        samples.head("2026-11-21-153012"),
        samples.head("2026-11-21", new=samples.news()),
        samples.head("2026-11-20", since=None),
    )
    assert (
        "2026-11-21-153012  1,204 groups  3.4 GB reclaimable  12 new (120 MB)\n"
        "2026-11-21         1,204 groups  3.4 GB reclaimable  nothing new\n"
        "2026-11-20         1,204 groups  3.4 GB reclaimable  the first\n"
        "\n"
        "3 reports in /r. The next one is due 2026-11-22 03:00."
    ) == listing(answer, PLAIN)
    assert "\x1b[2mnothing new\x1b[0m" in listing(answer, Style(colour=True))


def test_no_reports() -> None:
    """An empty list says when the first one comes, or that none does by itself."""
    assert "There is no report yet. The next one is due 2026-11-22 03:00." == listing(
        samples.reports(), PLAIN
    )
    assert "There is no report yet. None is made by night." == listing(samples.reports(next_at=None), PLAIN)


def test_news_in_a_few_words() -> None:
    """What came and what went is told, and nothing that did not happen."""
    new = samples.news(groups=1_200, reclaimable_bytes=5_000, resolved_groups=3, freed_bytes=7_000)
    assert "1,200 new (5.0 kB), 3 resolved, 7.0 kB freed" == news(as_json(samples.head(new=new)))
    assert "7.0 kB freed" == news(as_json(samples.head(new=samples.news(freed_bytes=7_000))))


def test_a_report_in_words_and_its_files() -> None:
    """The words are those of the daemon, line for line; a file that they name is not named again."""
    assert (
        "All quiet.\n"
        "\n"
        "  Page: /r/report-2026-11-21.html\n"
        "\n"
        "JSON  /r/report-2026-11-21.json\n"
        "CSV   /r/report-2026-11-21.csv\n"
        "text  /r/report-2026-11-21.txt"
    ) == report(samples.report("All quiet.\n\n  Page: /r/report-2026-11-21.html"), PLAIN)
    assert "page  /r/report-2026-11-21.html" in report(samples.report("All quiet."), PLAIN)


def test_changes_line_up() -> None:
    """Each changed group shows its files and bytes before and after, and the sums stand below."""
    answer = samples.report_diff(
        samples.group_change("/p/new.jpg", "appeared", files_before=0, reclaimable_before=0),
        samples.group_change("/p/gone.jpg", "resolved", files_after=0, reclaimable_after=0),
    )
    assert (
        "appeared  0 -> 3 files  0 B -> 250 kB  /p/new.jpg\n"
        "resolved  2 -> 0 files   10 kB -> 0 B  /p/gone.jpg\n"
        "\n"
        "2 groups changed from 2026-11-20 to 2026-11-21: 3.3 GB -> 3.4 GB reclaimable."
    ) == changes(answer, PLAIN)
    assert "\x1b[32mresolved\x1b[0m" in changes(answer, Style(colour=True))
    assert "No group changed from 2026-11-20 to 2026-11-21; 3.4 GB reclaimable." == changes(
        samples.report_diff(), PLAIN
    )


def test_whom_a_trial_message_reached() -> None:
    """The targets that failed are named one by one, with what to do."""
    assert "2 of 2 targets took the trial message." == notified(samples.notified(sent=2), PLAIN)
    assert [
        "1 of 2 targets took the trial message.",
        "! not delivered: tgram://*** (no answer in time)",
    ] == notified(samples.notified("tgram://*** (no answer in time)"), PLAIN).splitlines()[:2]
