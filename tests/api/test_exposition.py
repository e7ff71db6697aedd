"""Metrics are text that Prometheus can read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.api.exposition import expose
from simd.core.answers import Metric, MetricKind
from tests.api.door import Door

_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)", re.ASCII)
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)', re.ASCII)
_ESCAPE = re.compile(r"\\(.)")


def read(text: str) -> list[tuple[str, dict[str, str], float]]:
    """The samples, read by the grammar of the format."""
    found = []
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample is not None, line
        labels = sample["labels"] or ""
        assert "" == _LABEL.sub("", labels), line
        pairs = {
            name: _ESCAPE.sub(lambda found: {"n": "\n"}.get(found[1], found[1]), value)
            for name, value in _LABEL.findall(labels)
        }
        found.append((sample["name"], pairs, float(sample["value"])))
    return found


def test_endpoint_serves_the_text_format(door: Door) -> None:
    """Samples of one name stand together under their help and type."""
    reply = door.ask("GET", "/metrics")

    assert "text/plain; version=0.0.4; charset=utf-8" == reply.headers["content-type"]
    assert (
        "# HELP simd_files Files.\n"
        "# TYPE simd_files gauge\n"
        'simd_files{state="present"} 1\n'
        'simd_files{state="missing"} 4\n'
        "# HELP simd_scans_total Sweeps.\n"
        "# TYPE simd_scans_total counter\n"
        "simd_scans_total 2\n"
    ) == reply.body.decode()


@given(
    st.dictionaries(
        st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs"])),
        max_size=3,
    ),
    st.floats(allow_nan=False),
)
def test_any_label_and_number_survive(labels: dict[str, str], value: float) -> None:
    """Whatever a label holds, quotes and newlines included, the grammar reads it back."""
    metric = Metric(name="simd_x", kind=MetricKind.GAUGE, help="a\\b\nc", value=value, labels=labels)

    text = expose([metric]).decode()

    assert text.startswith("# HELP simd_x a\\\\b\\nc\n# TYPE simd_x gauge\n")
    assert [("simd_x", labels, value)] == read(text)


def test_not_a_number_has_its_spelling() -> None:
    """Prometheus spells the odd numbers in its own way."""
    numbers = [float("nan"), float("inf"), float("-inf")]
    metrics = [Metric(name="x", kind=MetricKind.GAUGE, help="", value=number) for number in numbers]

    assert ["x NaN", "x +Inf", "x -Inf"] == expose(metrics).decode().split("\n")[2:5]


@pytest.mark.parametrize(("name", "label"), [("simd files", "a"), ("simd_files", "a-b"), ("", "a")])
def test_names_that_prometheus_lacks_are_errors(name: str, label: str) -> None:
    """A name outside the grammar would break the whole page, so it is refused."""
    with pytest.raises(ValueError, match="is no name for a metric or label"):
        expose([Metric(name=name, kind=MetricKind.GAUGE, help="", value=1, labels={label: "v"})])
