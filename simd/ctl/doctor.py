"""The command doctor: the daemon's own checks, or those of the machine when no daemon runs."""

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from simd.core.errors import ConfigError, Loading, NoDaemon
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.render.doctor import doctor as view

TYPE_CHECKING = False
if TYPE_CHECKING:  # as in simd.core.wire
    from simd.config import Settings


def doctor_words(_command: ArgumentParser) -> None:
    """No arguments."""


def doctor(call: Call) -> int:
    """Check the machine; 1 when something is wrong."""
    settings_check, settings, file = _settings()
    try:
        answer = call.client.get("/v1/doctor")
        checks = [_check(f"answers on {call.client.socket_path}")]
        # Without a file here, the daemon was given its settings in another way.
        checks += [settings_check] if file else []
        checks += answer["checks"]
    except (NoDaemon, Loading) as error:
        answer = {}
        checks = [_check(error.message, wrong=isinstance(error, NoDaemon), hint=error.hint), settings_check]
        checks += [*_machine_checks(settings), *_unseen()]
    healthy = all(check["ok"] for check in checks)
    if call.output.as_json:
        call.output.json({**answer, "ok": healthy, "checks": checks})
    else:
        call.output.text(view(checks, call.output.style))
    return int(not healthy)


def _check(message: str, name: str = "daemon", *, wrong: bool = False, hint: str | None = None) -> Json:
    return {"name": name, "ok": not wrong, "checked": True, "message": message, "hint": hint}


def _settings() -> "tuple[Json, Settings | None, Path | None]":
    """Whether the settings hold together that a daemon would start with now, these, and their file."""
    from simd.config import cautions, find_config, load  # noqa: PLC0415 - heavy, and needed only here

    file = find_config(None, os.environ)
    named = "no file of settings, so the defaults hold" if file is None else str(file)
    try:
        settings = load()
        remarks = cautions(settings, file)
    except ConfigError as error:
        faults = "; ".join(error.message.splitlines())
        return _check(f"{named}: {faults}", "settings", wrong=True, hint=error.hint), None, file
    return _check(named, "settings", hint="; ".join(remarks) or None), settings, file


def _machine_checks(settings: "Settings | None") -> Sequence[Json]:
    """What can be seen without a daemon, by the settings that it would start with."""
    from simd.system.doctor import as_json, examine  # noqa: PLC0415 - heavy, and needed only here

    if settings is None:
        state = os.environ.get("SIMD_STATE_DIR")
        return [as_json(check) for check in examine([], Path(state) if state else None)]
    return [as_json(check) for check in examine(settings.roots, settings.state_dir, settings.socket)]


def _unseen() -> Sequence[Json]:
    """What only a running daemon knows."""
    message = "only a running daemon can tell"
    return [
        {**_check(message, name), "checked": False} for name in ("watcher", "catalogue", "backup", "workers")
    ]
