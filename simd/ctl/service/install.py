"""Installing simd as a service of this user, and taking it away again."""

import os
import sys
from collections.abc import Mapping

from simd.client.http import Client
from simd.client.locate import find_socket
from simd.client.patience import Patience
from simd.core.errors import AlreadyRunning, BadRequest, ConfigError, Failed, SimdError
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.service.ground import Ground, ground
from simd.ctl.service.places import Places, places
from simd.render import service as views
from simd.system.folders import config_file, state_folder
from simd.system.units.plan import MakeFolder, Plan, Remove, Run, Step, UnitReport, UnitState
from simd.system.units.programs import program

LOADING_SECONDS = 3_600.0
"""How long a daemon may load a catalogue that is there already."""


def install(call: Call) -> int:
    """Write the settings and the unit, start the daemon, and say what to do next."""
    here = ground(call)
    environ = _chosen(call)
    aims = _aims(call, environ)
    if call.arguments.dry_run:
        return _show_plan(here, aims, environ)
    now = here.report()
    client = Client(os.fspath(aims.settings.socket), patience=Patience(LOADING_SECONDS))
    _refuse_rival(client, now)
    if aims.kept is not None and not _agreed(call, aims):
        call.output.note("Nothing was changed.")
        return 1
    here.do(_plan(here, aims, environ, now), client)
    _tell(here, aims)
    return 0


def uninstall(call: Call) -> int:
    """Stop the daemon and take the unit away; everything else stays."""
    here = ground(call)
    here.demand()
    here.do(here.manager.uninstall(here.report()))
    answer = {"service": here.described(here.report()), "left": _left()}
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(views.uninstalled(answer, call.output.style))
    return 0


def _chosen(call: Call) -> dict[str, str]:
    """The environment with the socket that was named on the command line."""
    named = call.arguments.socket
    return {**os.environ, "SIMD_SOCKET": named} if named else dict(os.environ)


def _aims(call: Call, environ: Mapping[str, str]) -> Places:
    try:
        return places(call.arguments.photos, environ)
    except ConfigError as error:
        # Its message has a line for each fault, and errors are shown in one.
        lines = [line.strip() for line in error.message.splitlines()]
        raise ConfigError(" ".join(lines), hint=error.hint, path=error.path) from error


def _plan(here: Ground, aims: Places, environ: Mapping[str, str], now: UnitReport) -> Plan:
    return (*aims.plan, *here.manager.install(program(aims.settings.socket, environ), now))


def _refuse_rival(client: Client, now: UnitReport) -> None:
    """Refuse to start a second daemon in the place of one that is not the service.

    Raises:
        AlreadyRunning: there is one.
    """
    try:
        pid = client.get("/v1/status")["pid"]
    except SimdError:  # nobody answers, or something that the start of the daemon will tell of
        return
    if pid != now.pid:
        raise AlreadyRunning(
            f"simd already runs outside the service, as process {pid}",
            hint=f"end it first: Ctrl-C where it runs, or kill {pid}",
        )


def _agreed(call: Call, aims: Places) -> bool:
    """Whether the folders of the file that is there may be changed.

    Raises:
        BadRequest: nobody can be asked.
    """
    if call.arguments.yes:
        return True
    watched = ", ".join(os.fsdecode(root) for root in aims.settings.roots) or "nothing"
    if call.output.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadRequest(
            f"{aims.config} is there already and watches {watched}",
            hint="--yes changes its folders and keeps the old file; without folders it is used as it is",
            path=os.fspath(aims.config),
        )
    call.output.note(f"{aims.config} is there already and watches {watched}.")
    call.output.note(f"Have it watch {', '.join(aims.roots)} instead? The old file is kept as {aims.kept}.")
    sys.stderr.write("[y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _show_plan(here: Ground, aims: Places, environ: Mapping[str, str]) -> int:
    try:
        now = here.report()
    except Failed:  # what would be done can be shown where it cannot be done
        now = UnitReport(state=UnitState.ABSENT)
    steps = [_step(step) for step in _plan(here, aims, environ, now)]
    if here.call.output.as_json:
        here.call.output.json({"steps": steps})
    else:
        here.call.output.text(views.planned(steps, here.call.output.style))
    return 0


def _step(step: Step) -> Json:
    if isinstance(step, Run):
        return {"run": list(step.words)}
    if isinstance(step, MakeFolder):
        return {"folder": os.fspath(step.path)}
    if isinstance(step, Remove):
        return {"remove": os.fspath(step.path)}
    return {"write": os.fspath(step.path), "content": step.content.decode(errors="backslashreplace")}


def _tell(here: Ground, aims: Places) -> None:
    service = here.described(here.report())
    answer = {
        "service": service,
        "config": {
            "path": os.fspath(aims.config),
            "written": aims.content is not None,
            "kept": None if aims.kept is None else os.fspath(aims.kept),
            "roots": list(aims.roots),
        },
        "socket": os.fspath(aims.settings.socket),
        "next": _next(service, aims),
    }
    if here.call.output.as_json:
        here.call.output.json(answer)
    else:
        here.call.output.text(views.installed(answer, here.call.output.style))


def _next(service: Json, aims: Places) -> list[Json]:
    """What to do now, with the reason."""
    socket = os.fspath(aims.settings.socket)
    steps = [
        ("simctl status", "what it is doing"),
        ("simctl groups", "the duplicates, after the first sweep"),
    ]
    if find_socket() != socket:
        steps.insert(0, (f"export SIMD_SOCKET={socket}", "tells simctl where it listens"))
    if service["manager"] == "systemd" and service["lingering"] is False:
        steps.insert(0, ("loginctl enable-linger", "keeps it running when you log out"))
    return [{"command": command, "why": why} for command, why in steps]


def _left() -> Json:
    """Where the things are that stay; the usual places when the settings cannot be read."""
    try:
        aims = places((), os.environ)
    except SimdError:
        return {"config": os.fspath(config_file()), "state_dir": os.fspath(state_folder()), "roots": []}
    return {
        "config": os.fspath(aims.config),
        "state_dir": os.fspath(aims.settings.state_dir),
        "roots": list(aims.roots),
    }
