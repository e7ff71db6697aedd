"""``make audit``: is any of the installed packages known to be vulnerable?

pip-audit is asked, in an environment of its own. Where its source of advisories cannot be reached, that is
said and nothing fails; and after a clean answer nobody is asked about the same packages until the next
day. A vulnerability that does not matter here is accepted in ``pyproject.toml``, with the reason::

    [tool.audit.accepted]
    GHSA-xxxx-xxxx-xxxx = "only in the writer of a format that simd never writes"
"""

import json
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.request import urlopen

CHECKOUT = Path(__file__).parents[2]
OWN = CHECKOUT / ".venv" / "audit"
"""Environment of pip-audit: what it needs is not part of what is audited."""

TOOL = "pip-audit>=2.10,<3"
SOURCE = "https://pypi.org/pypi/pip/24.0/json"
"""One of the documents that pip-audit reads: some mirrors have no advisories for single versions."""

REACHABLE_SECONDS = 5
AUDIT_SECONDS = 180
STAMP = OWN / "clean-on"


class Unreachable(Exception):
    """The advisories cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit comes to.

    Attributes:
        faults: a line for each vulnerability that nobody has accepted.
        accepted: ids of those that were.
        stale: accepted ids that no installed package has.
        audited: packages that could be looked up.
        unknown: packages that could not.
    """

    faults: Sequence[str]
    accepted: Sequence[str]
    stale: Sequence[str]
    audited: int
    unknown: int


def judge(report: Mapping[str, Any], accepted: Mapping[str, str]) -> Verdict:
    """What the JSON of pip-audit says, less what is accepted by its id or by an alias.

    Raises:
        Unreachable: not one package could be looked up.
    """
    looked_up = [package for package in report["dependencies"] if "skip_reason" not in package]
    if not looked_up:
        raise Unreachable("the source knows none of the packages")
    faults: list[str] = []
    met: set[str] = set()
    for package in looked_up:
        for found in package["vulns"]:
            known = accepted.keys() & {found["id"], *found["aliases"]}
            met |= known
            if not known:
                fixed = ", ".join(found["fix_versions"]) or "no version yet"
                faults.append(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    stale = sorted(accepted.keys() - met)
    return Verdict(faults, sorted(met), stale, len(looked_up), len(report["dependencies"]) - len(looked_up))


def accepted_in(project: Path) -> dict[str, str]:
    """The accepted ids and why; an empty reason is none.

    Raises:
        ValueError: an id without a reason.
    """
    table = tomllib.loads(project.read_text(encoding="utf-8"))["tool"].get("audit", {}).get("accepted", {})
    for name, reason in table.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ValueError(f"tool.audit.accepted: {name} needs a reason")
    return dict(table)


def main() -> int:
    """Say what was found; 1 for a vulnerability."""
    today = _today()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == today:
        return _say("the packages were audited today", 0)
    try:
        _reach()
        verdict = judge(_ask(), accepted_in(CHECKOUT / "pyproject.toml"))
    except Unreachable as error:
        return _say(f"the packages are not audited: {error}", 0)
    for fault in verdict.faults:
        _say(fault, 1)
    for stale in verdict.stale:
        _say(f"{stale} is accepted in pyproject.toml and no longer there", 0)
    if not verdict.faults:
        STAMP.write_text(today, encoding="utf-8")
    return _say(
        f"{verdict.audited} packages audited, {verdict.unknown} unknown to the source: "
        f"{len(verdict.faults)} vulnerabilities, {len(verdict.accepted)} accepted",
        1 if verdict.faults else 0,
    )


def _today() -> str:
    """The day, and what is installed on it."""
    packages = sorted(f"{each.name} {each.version}" for each in distributions())
    return "\n".join([datetime.now(UTC).date().isoformat(), *packages])


def _reach() -> None:
    """See that there are advisories before anything is installed for them."""
    try:
        with urlopen(SOURCE, timeout=REACHABLE_SECONDS) as answer:
            if "vulnerabilities" not in json.load(answer):
                raise Unreachable("what answers for pypi.org has no advisories")
    except (OSError, ValueError) as error:
        raise Unreachable(f"pypi.org does not give them ({error})") from error


def _ask() -> Mapping[str, Any]:
    python = OWN / "bin" / "python"
    installed = OWN / "installed"
    if not installed.exists():
        venv.create(OWN, with_pip=True, clear=True)
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL)
        installed.touch()
    report = OWN / "report.json"
    report.unlink(missing_ok=True)
    options = ("--skip-editable", "--progress-spinner=off", "--timeout=10", f"--cache-dir={OWN / 'cache'}")
    site = sysconfig.get_path("purelib")
    # Its code is 1 for what it finds as for what goes wrong; the report is there in one of the cases.
    _run(
        python,
        "-m",
        "pip_audit",
        "--path",
        site,
        *options,
        "--format=json",
        f"--output={report}",
        good=(0, 1),
    )
    if not report.exists():
        raise Unreachable("pip-audit gave no report")
    found: Mapping[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def _run(*command: str | Path, good: Sequence[int] = (0,)) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreachable(f"{command[2]} took longer than {AUDIT_SECONDS} s") from error
    if ran.returncode not in good:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Unreachable(f"{command[2]} failed: {last}")


def _say(line: str, code: int) -> int:
    print(f"audit: {line}", file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
