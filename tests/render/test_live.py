"""The live view: everything in lines that a terminal has room for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import InHand, Note, ProblemSummary, QueryTimes
from simd.render.live import MOST_IN_HAND, cropped, live
from simd.render.style import PLAIN, Style
from simd.render.table import width
from tests.render import samples
from tests.render.samples import HOSTILE

SEQUENCE = re.compile("\x1b\\[[0-9]*m")
RATES = {"files": 12.34, "bytes": 4_500_000.0, "queries": 0.5}


def test_everything_at_a_glance() -> None:
    """Verdict, rates, queue, latency, memory, the files in hand that take longest first, folders, notes."""
    look = {
        "status": samples.status(
            problems=ProblemSummary(count=0, notes=(Note(message="limit reached", hint="raise it"),))
        ),
        "pulse": samples.pulse(InHand(path="/p/a.jpg", seconds=0.25), InHand(path="/p/b.jpg", seconds=31.0)),
        "rates": RATES,
        "waiting": None,
    }
    assert [
        "Needs you: limit reached.",
        "Waiting for 2 files to come to rest.",
        "",
        "reading  1,200 files since the start, 12.3 per second, 4.5 MB/s",
        "queue    2 settling, 5 waiting, 4 decoding",
        "queries  5 in the last minute, half within 1.2 ms, 99 % within 9.0 ms",
        "memory   98 MB, and 175 MB in 4 other processes",
        "",
        "31.0 s  /p/b.jpg",
        " 0.2 s  /p/a.jpg",
        "",
        "watching  1 file  /p",
        "",
        "! limit reached",
        "simd 1.2.3, up 1 h 2 min, process 42. Ctrl-C ends this view.",
    ] == live(look, PLAIN)


def test_without_rates_queries_or_a_daemon() -> None:
    """What is not known is left out; without a daemon the view says what it waits for."""
    nothing = QueryTimes(count=0, p50_ms=None, p99_ms=None)
    many = [InHand(path="/p/x", seconds=1.0)] * (MOST_IN_HAND + 2)
    look = {"status": samples.status(), "pulse": samples.pulse(*many, queries=nothing), "rates": None}
    lines = live(look | {"waiting": None}, PLAIN)
    assert "reading  1,200 files since the start" in lines
    assert "queries  0 in the last minute" in lines
    assert "and 2 more" in lines
    gone = {"status": None, "pulse": None, "rates": None, "waiting": "no daemon listens on /s"}
    assert "Waiting for the daemon: no daemon listens on /s." == live(gone, PLAIN)[0]


def test_no_name_reaches_the_terminal() -> None:
    """Names of files in hand and the words of an error are escaped."""
    look = {
        "status": samples.status(HOSTILE),
        "pulse": samples.pulse(InHand(path=HOSTILE, seconds=1.0)),
        "rates": None,
        "waiting": None,
    }
    gone = {"status": None, "pulse": None, "rates": None, "waiting": HOSTILE}
    lines = [*live(look, PLAIN), *live(gone, PLAIN)]
    assert [] == [line for line in lines if not line.isprintable()]


@given(
    st.lists(st.tuples(st.text("aé漢 ", max_size=8), st.sampled_from(["bold", "red", None]))),
    st.integers(1, 30),
)
def test_cropped_lines_fit(parts: list[tuple[str, str | None]], columns: int) -> None:
    """A cropped line shows the beginning of the whole, takes no more columns, and ends what it painted."""
    style = Style(colour=True)
    line = "".join(style.paint(text, colour) for text, colour in parts)
    whole, shown = SEQUENCE.sub("", line), SEQUENCE.sub("", cropped(line, columns))
    assert whole.startswith(shown)
    assert width(shown) <= columns
    assert shown == whole or width(whole[: len(shown) + 1]) > columns
    assert SEQUENCE.findall(line) == SEQUENCE.findall(cropped(line, columns))
