"""What every action of the command service stands on: the manager, how the service is, starting it."""

import math
import os
import pwd
import time
from collections.abc import Mapping
from dataclasses import dataclass

from simd.client.http import Client
from simd.core.errors import BadRequest, Failed, NoDaemon, NotFound
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.system.units.act import NotStarted, failure, manager_environment, perform, run
from simd.system.units.manager import ServiceManager, service_manager
from simd.system.units.plan import Plan, Run, UnitReport, UnitState

START_SECONDS = 120.0
"""How long a daemon may take to answer where the manager does not tell when it is ready."""

POLL_SECONDS = 0.5

LAST_LINES = 10
"""How many messages are shown of a daemon that did not start."""


HINT = "hint: "
"""How the daemon begins the line that says what to do about the error before it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One call of the command, and the manager that it speaks to.

    Attributes:
        call: what was asked.
        manager: what decides about this system's services.
        environ: for the manager's programs.
    """

    call: Call
    manager: ServiceManager
    environ: Mapping[str, str]

    def report(self) -> UnitReport:
        """How the service fares; absent when the manager does not know it.

        Raises:
            Failed: the manager cannot be asked.
        """
        inquiry = self.manager.inquiry()
        answer = run(inquiry, self.environ)
        if answer.code not in inquiry.accepted:
            raise failure(inquiry, answer)
        return self.manager.report(answer)

    def installed(self) -> bool:
        """Whether the unit or agent is in its place."""
        return self.manager.unit.is_file()

    def demand(self) -> None:
        """Refuse to go on without a service.

        Raises:
            NotFound: none is installed.
        """
        if not self.installed():
            raise NotFound(
                f"simd is not installed as a service: there is no {self.manager.unit}",
                hint="simctl service install PHOTOS",
                path=os.fspath(self.manager.unit),
            )

    def do(self, plan: Plan, client: Client | None = None) -> None:
        """Take the steps of a plan; where one starts the daemon, until it answers.

        Args:
            plan: what to do.
            client: asks the daemon that is started; that of the call when None.

        Raises:
            Failed: a step failed, or the daemon did not start; its last messages have been shown.
        """
        told, began = Progress(self), math.floor(time.time())
        try:
            perform(plan, self.environ, told.tell)
            if not self.manager.waits and any(isinstance(step, Run) and step.starts for step in plan):
                _await_answer(self, client or self.call.client)
        except NotStarted as error:
            raise self._not_started(error, began) from error

    def last_lines(self, count: int, since: float = 0.0) -> list[str]:
        """The daemon's newest messages; none where they cannot be read."""
        try:
            answer = run(self.manager.own_lines(count, since), self.environ)
        except Failed:  # a machine without a log has a worse trouble, which is being told
            return []
        return answer.out.splitlines()

    def described(self, report: UnitReport) -> Json:
        """The service as the protocol shapes it."""
        installed = self.installed()
        known = installed and report.state is UnitState.ABSENT
        return {
            "manager": self.manager.name,
            "installed": installed,
            "unit": os.fspath(self.manager.unit),
            "state": str(UnitState.STOPPED if known else report.state),
            "enabled": report.enabled or (known and not self.manager.waits),
            "pid": report.pid,
            "detail": report.detail,
            "log": self.manager.log,
            "lingering": self.lingering(),
        }

    def lingering(self) -> bool | None:
        """Whether the service outlives the user's sessions; None where that is not known."""
        if self.manager.name != "systemd":
            return False
        try:
            user = pwd.getpwuid(os.getuid()).pw_name
            asked = ("loginctl", "show-user", user, "--property=Linger", "--value")
            answer = run(Run(asked), self.environ)
        except (Failed, KeyError):  # no loginctl, or a user without a name
            return None
        return {"yes": True, "no": False}.get(answer.out.strip())

    def _not_started(self, error: NotStarted, began: float) -> Failed:
        """What the daemon itself said last, with its own hint if it gave one."""
        lines = self.last_lines(LAST_LINES, began)
        if not self.call.output.as_json:
            for line in lines:
                self.call.output.note(f"  {line}")
        reasons = [line.strip() for line in lines if not line.startswith(HINT)]
        hints = [line.removeprefix(HINT) for line in lines if line.startswith(HINT)]
        more = "simctl service logs says more; simctl service stop ends further attempts"
        return Failed(
            f"simd did not start: {reasons[-1] if reasons else error.message}",
            hint="; ".join([*hints[-1:], more]),
        )


class Progress:
    """Says on standard error how the start goes on, when that changes."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._last: str | None = None

    def tell(self) -> None:
        """Ask the manager, and say what is new."""
        if self._ground.call.output.as_json:
            return
        try:
            report = self._ground.report()
        except Failed:  # the step that starts the daemon will tell
            return
        if report.state is UnitState.STARTING and report.detail not in {None, self._last}:
            self._last = report.detail
            self._ground.call.output.note(f"simd is starting: {report.detail}")


def ground(call: Call) -> Ground:
    """The manager of this system, and what it takes to speak to it.

    Raises:
        BadRequest: the caller is root on behalf of another user, whose service this would not be.
    """
    if os.getuid() == 0 and "SUDO_UID" in os.environ:
        raise BadRequest(
            "under sudo this would be a service of root, not yours",
            hint="run it without sudo; systemd/system/simd.service is for a machine as a whole",
        )
    environ = manager_environment(os.environ)
    return Ground(call, service_manager(environ), environ)


def _await_answer(ground: Ground, client: Client) -> None:
    """Ask until the daemon has loaded its catalogue."""
    patient_until = time.monotonic() + START_SECONDS
    told = None
    while True:
        try:
            state = str(client.get("/v1/status")["state"])
        except NoDaemon:
            state = "starting"
            if time.monotonic() > patient_until:
                raise NotStarted("it does not answer") from None
        if state not in {"starting", "loading"}:
            return
        if ground.report().state is UnitState.FAILED:
            raise NotStarted("it ended")
        if state != told and not ground.call.output.as_json:
            ground.call.output.note(f"simd is {state} ...")
            told = state
        time.sleep(POLL_SECONDS)
