"""simd as a user service of systemd: see systemd.unit(5), systemd.service(5), systemctl(1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simd.core.errors import BadRequest
from simd.system.units.plan import Ended, Plan, Program, Remove, Run, UnitReport, UnitState, Write
from simd.system.units.templates import USER_UNIT, template

UNIT_NAME = "simd.service"
SYSTEMCTL = ("systemctl", "--user")
JOURNAL = ("journalctl", "--user", "--unit", UNIT_NAME, "--no-pager")
PROPERTIES = "LoadState,ActiveState,SubState,Result,UnitFileState,MainPID,ExecMainStatus,StatusText"

UNSAFE = frozenset("\"'\\")
"""What may not stand in the path of a program, even quoted."""

STATES = {
    "active": UnitState.RUNNING,
    "reloading": UnitState.RUNNING,
    "activating": UnitState.STARTING,
    "deactivating": UnitState.STOPPING,
    "failed": UnitState.FAILED,
}
"""Systemd's ``ActiveState``; anything else is a service that does not run."""

ALIVE = frozenset({UnitState.STARTING, UnitState.RUNNING, UnitState.STOPPING})

AWAITS_RESTART = "auto-restart"
"""The ``SubState`` between a failure and the next attempt."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The user's own instance of systemd.

    Attributes:
        config_home: the user's folder of settings.
    """

    config_home: Path

    @property
    def name(self) -> str:
        """What the manager is called."""
        return "systemd"

    @property
    def unit(self) -> Path:
        """The user unit."""
        return self.config_home / "systemd" / "user" / UNIT_NAME

    @property
    def log(self) -> str:
        """The journal."""
        return "journalctl --user --unit simd"

    @property
    def waits(self) -> bool:
        """The unit is of ``Type=notify``."""
        return True

    def install(self, program: Program, now: UnitReport) -> Plan:  # noqa: ARG002 - restart starts, too
        """Write the unit, enable it, and start it anew.

        Raises:
            BadRequest: a path or variable cannot be written in a unit.
        """
        text = template(USER_UNIT).read_text(encoding="utf-8")
        return (
            Write(self.unit, unit_text(text, program).encode()),
            Run((*SYSTEMCTL, "daemon-reload")),
            Run((*SYSTEMCTL, "enable", UNIT_NAME)),
            Run((*SYSTEMCTL, "restart", UNIT_NAME), starts=True),
        )

    def uninstall(self, now: UnitReport) -> Plan:
        """Stop and disable what is there, and take the unit away."""
        known = now.state is not UnitState.ABSENT
        disable: Plan = (Run((*SYSTEMCTL, "disable", "--now", UNIT_NAME)),) if known else ()
        # 1: there is no failure to forget.
        forget = Run((*SYSTEMCTL, "reset-failed", UNIT_NAME), accepted=frozenset({0, 1}))
        return (*disable, Remove(self.unit), Run((*SYSTEMCTL, "daemon-reload")), forget)

    def start(self, now: UnitReport) -> Plan:  # noqa: ARG002 - as above
        """Start the unit."""
        return (Run((*SYSTEMCTL, "start", UNIT_NAME), starts=True),)

    def stop(self, now: UnitReport) -> Plan:  # noqa: ARG002 - a stopped unit may be stopped
        """Stop the unit."""
        return (Run((*SYSTEMCTL, "stop", UNIT_NAME)),)

    def restart(self, now: UnitReport) -> Plan:  # noqa: ARG002 - as above
        """Start the unit anew."""
        return (Run((*SYSTEMCTL, "restart", UNIT_NAME), starts=True),)

    def inquiry(self) -> Run:
        """Ask for the properties of the unit."""
        return Run((*SYSTEMCTL, "show", UNIT_NAME, f"--property={PROPERTIES}"))

    def report(self, answer: Ended) -> UnitReport:
        """Read ``KEY=VALUE`` lines."""
        found = dict(line.partition("=")[::2] for line in answer.out.splitlines())
        if found.get("LoadState") in {None, "not-found"}:
            return UnitReport(state=UnitState.ABSENT)
        state = STATES.get(found.get("ActiveState", ""), UnitState.STOPPED)
        if found.get("SubState") == AWAITS_RESTART:
            state = UnitState.FAILED
        return UnitReport(
            state=state,
            enabled=found.get("UnitFileState", "").startswith("enabled"),
            pid=int(found.get("MainPID", "0")) or None,
            detail=_detail(state, found),
        )

    def lines(self, count: int, *, follow: bool = False) -> Run:
        """Show the journal."""
        words = (*JOURNAL, f"--lines={count}", "--output=short-iso")
        return Run((*words, "--follow") if follow else words)

    def own_lines(self, count: int, since: float = 0.0) -> Run:
        """Read the journal without what systemd, and journalctl itself, say."""
        own = ("--identifier=simd", "--output=cat", "--quiet")
        return Run((*JOURNAL, f"--lines={count}", *own, f"--since=@{since:.0f}"))


def unit_text(text: str, program: Program) -> str:
    """The template with the programs and variables of this installation.

    Args:
        text: a unit with one line ``ExecStart=`` and one ``ExecReload=``.
        program: how the daemon is called.

    Raises:
        BadRequest: a path or variable cannot be written in a unit.
    """
    lines = []
    for line in text.splitlines():
        if line.startswith("ExecStart="):
            lines += [f"Environment={assigned(name, value)}" for name, value in program.environment]
            lines.append(f"ExecStart={command(program.run)}")
        elif line.startswith("ExecReload="):
            lines.append(f"ExecReload={command(program.reload)}")
        else:
            lines.append(line)
    # What stands above the first section explains how to install the template by hand.
    start = lines.index("[Unit]")
    return "\n".join(
        ["# Written by `simctl service install`, and written anew by the next.", *lines[start:], ""]
    )


def command(words: Sequence[str]) -> str:
    """A command line in a unit.

    Raises:
        BadRequest: it holds what no unit can hold.
    """
    program, *rest = words
    if UNSAFE & set(program):
        raise BadRequest(
            f"systemd runs no program whose path holds a quote or a backslash: {program}",
            hint="install simd in a folder with another name",
            path=program,
        )
    # Variables are expanded in what follows the program, and not in its own path.
    return " ".join([f'"{_escaped(program)}"', *map(quoted, rest)])


def quoted(word: str) -> str:
    """One word that follows the program in a command line: systemd.service(5), "Command lines".

    Raises:
        BadRequest: it holds what no unit can hold.
    """
    return '"' + _escaped(word).replace("$", "$$") + '"'


def assigned(name: str, value: str) -> str:
    """One variable for ``Environment=``, where ``$`` has no meaning: systemd.exec(5).

    Raises:
        BadRequest: it holds what no unit can hold.
    """
    return '"' + _escaped(f"{name}={value}") + '"'


def _escaped(text: str) -> str:
    if not text.isprintable():
        raise BadRequest(
            f"{text!a} cannot be written in a unit of systemd",
            hint="choose a path without control characters, in UTF-8",
        )
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def _detail(state: UnitState, found: dict[str, str]) -> str | None:
    if state is UnitState.FAILED:
        return f"{found.get('Result', 'failed')}, exit status {found.get('ExecMainStatus', 'unknown')}"
    # Of a process that has ended, systemd keeps the last word.
    return found.get("StatusText") or None if state in ALIVE else None
