"""Metrics in Prometheus' text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
"""

import math
import re
from collections.abc import Iterable

from simd.core.answers import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_HELP_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n"})
_LABEL_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def expose(metrics: Iterable[Metric]) -> bytes:
    """The metrics as text, all samples of one name together.

    Raises:
        ValueError: a metric or label has a name that Prometheus does not allow.
    """
    families: dict[str, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(metric.name, []).append(metric)
    lines = []
    for name, samples in families.items():
        _check(_METRIC_NAME, name)
        lines.append(f"# HELP {name} {samples[0].help.translate(_HELP_ESCAPES)}")
        lines.append(f"# TYPE {name} {samples[0].kind}")
        lines.extend(f"{name}{sample.suffix}{_labels(sample)} {_number(sample.value)}" for sample in samples)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _labels(sample: Metric) -> str:
    if not sample.labels:
        return ""
    for name in sample.labels:
        _check(_LABEL_NAME, name)
    pairs = (f'{name}="{value.translate(_LABEL_ESCAPES)}"' for name, value in sample.labels.items())
    return "{" + ",".join(pairs) + "}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def _check(pattern: re.Pattern[str], name: str) -> None:
    if not pattern.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a metric or label")
