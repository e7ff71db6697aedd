"""simd as a LaunchAgent of macOS: see launchd.plist(5) and launchctl(1)."""

import plistlib
import re
from dataclasses import dataclass
from pathlib import Path

from simd.system.units.plan import Ended, MakeFolder, Plan, Program, Remove, Run, UnitReport, UnitState, Write
from simd.system.units.templates import AGENT, template

LABEL = "local.simd"

NOT_LOADED = 113
"""What ``launchctl print`` ends with for a service that it does not know."""

GONE = frozenset({0, 3, NOT_LOADED})
"""What ``launchctl bootout`` ends with when the service is gone: done, no such process, not known."""

_PID = re.compile(r"^\tpid = (\d+)$", re.MULTILINE)
_STATE = re.compile(r"^\tstate = (.+)$", re.MULTILINE)
_EXIT = re.compile(r"^\tlast exit code = (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Launchd:
    """The launchd domain of one user who is logged in at the screen.

    Attributes:
        home: the user's home folder.
        uid: the user.
    """

    home: Path
    uid: int

    @property
    def name(self) -> str:
        """What the manager is called."""
        return "launchd"

    @property
    def unit(self) -> Path:
        """The agent."""
        return self.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    @property
    def log(self) -> str:
        """A file of its own."""
        return str(self.home / "Library" / "Logs" / "simd" / "simd.log")

    @property
    def domain(self) -> str:
        """Where the agent is loaded."""
        return f"gui/{self.uid}"

    @property
    def target(self) -> str:
        """The agent in its domain."""
        return f"{self.domain}/{LABEL}"

    @property
    def waits(self) -> bool:
        """Launchd knows nothing of readiness."""
        return False

    def install(self, program: Program, now: UnitReport) -> Plan:
        """Write the agent and load it, which starts it."""
        content = agent(template(AGENT).read_bytes(), program, self.log)
        return (
            # launchd opens the log, and makes no folder for it.
            MakeFolder(Path(self.log).parent),
            *self._unload(now),
            Write(self.unit, content),
            Run(("launchctl", "enable", self.target)),
            self._load(),
        )

    def uninstall(self, now: UnitReport) -> Plan:
        """Unload the agent and take it away."""
        return (*self._unload(now), Remove(self.unit))

    def start(self, now: UnitReport) -> Plan:
        """Load the agent, or start the loaded one."""
        if now.state is UnitState.ABSENT:
            return (self._load(),)
        return (Run(("launchctl", "kickstart", self.target), starts=True),)

    def stop(self, now: UnitReport) -> Plan:
        """Unload the agent; it is loaded again at the next log-in."""
        return self._unload(now)

    def restart(self, now: UnitReport) -> Plan:
        """Load the agent, or end the process of the loaded one and start it again."""
        if now.state is UnitState.ABSENT:
            return (self._load(),)
        return (Run(("launchctl", "kickstart", "-k", self.target), starts=True),)

    def inquiry(self) -> Run:
        """Ask for the state of the agent."""
        return Run(("launchctl", "print", self.target), accepted=frozenset({0, NOT_LOADED}))

    def report(self, answer: Ended) -> UnitReport:
        """Read what ``launchctl print`` says; its form is meant for people, so little of it is used."""
        if answer.code:
            return UnitReport(state=UnitState.ABSENT)
        pid, state, ended = _PID.search(answer.out), _STATE.search(answer.out), _EXIT.search(answer.out)
        if pid is not None or (state is not None and state[1] == "running"):
            number = None if pid is None else int(pid[1])
            return UnitReport(state=UnitState.RUNNING, enabled=True, pid=number)
        if ended is not None and ended[1] != "0":
            return UnitReport(state=UnitState.FAILED, enabled=True, detail=f"exit status {ended[1]}")
        return UnitReport(state=UnitState.STOPPED, enabled=True)

    def own_lines(self, count: int, since: float = 0.0) -> Run:  # noqa: ARG002 - a file without times to ask for
        """Read the end of the log, which nobody else writes."""
        return self.lines(count)

    def lines(self, count: int, *, follow: bool = False) -> Run:
        """Show the end of the log."""
        return Run(("tail", *(("-F",) if follow else ()), "-n", str(count), self.log))

    def _load(self) -> Run:
        return Run(("launchctl", "bootstrap", self.domain, str(self.unit)), starts=True)

    def _unload(self, now: UnitReport) -> Plan:
        if now.state is UnitState.ABSENT:
            return ()
        return (Run(("launchctl", "bootout", self.target), accepted=GONE),)


def agent(content: bytes, program: Program, log: str) -> bytes:
    """The template of the agent with the programs and variables of this installation.

    Args:
        content: a property list.
        program: how the daemon is called; agents know no reload.
        log: where its messages go.
    """
    keys = plistlib.loads(content)
    keys["ProgramArguments"] = list(program.run)
    keys["StandardOutPath"] = keys["StandardErrorPath"] = log
    if program.environment:
        keys["EnvironmentVariables"] = dict(program.environment)
    return plistlib.dumps(keys, sort_keys=False)
