"""The short form in every run, the long form with ``--soak``; the seed is told in both."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.daemon.conftest import daemon, daemons, place, shared_place
from tests.faults.form import Form

__all__ = ["daemon", "daemons", "place", "shared_place"]

SHORT_SEED = 5
"""What an ordinary run throws: the same every time, so that a change is to blame for a failure."""

LONG_SECONDS = 3 * 3600
TABLE = Path(__file__).parents[2] / ".run" / "soak.md"
PROPERTY = "soak"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask for the long form, and for a seed."""
    parser.addoption("--soak", action="store_true", help="provoke every fault as often as promised")
    parser.addoption("--seed", type=int, help="the seed of an earlier run")


def pytest_configure(config: pytest.Config) -> None:
    """Draw a seed for the long form, and say what it is."""
    if config.getoption("--soak", default=False) and config.getoption("--seed") is None:
        config.option.seed = int.from_bytes(os.urandom(4), "big")


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, before anything can go wrong."""
    form = "long" if config.getoption("--soak", default=False) else "short"
    return f"faults: {form} form, seed {seed_of(config)}"


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Give the long form its time."""
    if config.getoption("--soak", default=False):
        for item in items:
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))


def seed_of(config: pytest.Config) -> int:
    """The seed of this run."""
    given = config.getoption("--seed", default=None)
    return SHORT_SEED if given is None else int(given)


@pytest.fixture
def form(request: pytest.FixtureRequest) -> Form:
    """How often this test provokes its fault."""
    config = request.config
    chosen = Form(
        request.node.name, long=bool(config.getoption("--soak", default=False)), seed=seed_of(config)
    )
    request.node.add_report_section("setup", "seed", f"--seed {chosen.seed}")
    # The report of the test holds this very dictionary, so what is noted later stands in it as well.
    request.node.user_properties.append((PROPERTY, chosen.done))
    return chosen


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """The table of the long form, on the terminal and in a file."""
    if not config.getoption("--soak", default=False):
        return
    rows = [
        (report.nodeid.partition("tests/faults/")[2] or report.nodeid, outcome, report.duration, properties)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
        for properties in [dict(report.user_properties).get(PROPERTY, {})]
    ]
    lines = ["| fault | outcome | provoked | took |", "|---|---|---|---|"]
    for name, outcome, seconds, properties in rows:
        counts = ", ".join(f"{count:,} {what}" for what, count in properties.items())
        lines.append(f"| {name} | {outcome} | {counts} | {seconds:,.0f} s |")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(
        f"Soak of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, seed {seed_of(config)}\n\n"
        + "\n".join(lines)
        + "\n"
    )
    terminalreporter.write_sep("=", f"soak, seed {seed_of(config)}")
    for line in lines:
        terminalreporter.write_line(line)
