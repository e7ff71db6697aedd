"""The command doctor: the daemon's own checks, or those of the machine when no daemon runs."""

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from simd.core.errors import NoDaemon
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.render.doctor import doctor as view


def doctor_words(_command: ArgumentParser) -> None:
    """No arguments."""


def doctor(call: Call) -> int:
    """Check the machine; 1 when something is wrong."""
    try:
        answer = call.client.get("/v1/doctor")
        reachable = _check(f"answers on {call.client.socket_path}")
    except NoDaemon as error:
        answer = {"checks": _machine_checks()}
        reachable = _check(error.message, wrong=True, hint=error.hint)
    checks = [reachable, *answer["checks"]]
    healthy = all(check["ok"] for check in checks)
    if call.output.as_json:
        call.output.json({**answer, "ok": healthy, "checks": checks})
    else:
        call.output.text(view(checks, call.output.style))
    return int(not healthy)


def _check(message: str, *, wrong: bool = False, hint: str | None = None) -> Json:
    return {"name": "daemon", "ok": not wrong, "message": message, "hint": hint}


def _machine_checks() -> Sequence[Json]:
    """What can be seen without a daemon; the watched folders are known to it alone."""
    from simd.system.doctor import as_json, examine  # noqa: PLC0415 - heavy, and needed only here

    state = os.environ.get("SIMD_STATE_DIR")
    return [as_json(check) for check in examine([], Path(state) if state else None)]
