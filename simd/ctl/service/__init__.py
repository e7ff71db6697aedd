"""The command service: simd as a service of this user, by systemd or launchd."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping

from simd.ctl.call import Call
from simd.ctl.parser import Parser, add_command

LINES = 50
"""How many messages are shown when nothing else is said."""

MOST_LINES = 1_000_000


def service_words(command: ArgumentParser) -> None:
    """What to do, each with its own arguments."""
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)
    for name, (summary, example, words, action) in ACTIONS.items():
        parser = add_command(actions, name, summary, example)
        words(parser)
        parser.set_defaults(action=action)


def service(call: Call) -> int:
    """Do what was asked for."""
    return int(call.arguments.action(call))


def _no_words(_command: ArgumentParser) -> None:
    """No arguments."""


def _install_words(command: ArgumentParser) -> None:
    command.add_argument(
        "photos",
        nargs="*",
        metavar="PHOTOS",
        help="a folder to watch (default: those of the configuration file)",
    )
    command.add_argument(
        "--yes", action="store_true", help="change the folders of a configuration file without asking"
    )
    command.add_argument(
        "--dry-run", action="store_true", help="show what would be written and run, and do nothing"
    )


def _logs_words(command: ArgumentParser) -> None:
    command.add_argument(
        "-n",
        "--lines",
        type=_line_count,
        default=LINES,
        metavar="N",
        help=f"how many messages, the newest (default: {LINES})",
    )
    command.add_argument("-f", "--follow", action="store_true", help="go on with what comes, until Ctrl-C")


def _line_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_LINES):
        raise ArgumentTypeError(f"a number from 0 to {MOST_LINES}, not {text!r}")
    return int(text)


def _install(call: Call) -> int:
    from simd.ctl.service.install import install  # noqa: PLC0415 - the settings take 150 ms to import

    return install(call)


def _uninstall(call: Call) -> int:
    from simd.ctl.service.install import uninstall  # noqa: PLC0415 - as above

    return uninstall(call)


def _start(call: Call) -> int:
    from simd.ctl.service.control import start  # noqa: PLC0415 - needless for help

    return start(call)


def _stop(call: Call) -> int:
    from simd.ctl.service.control import stop  # noqa: PLC0415 - as above

    return stop(call)


def _restart(call: Call) -> int:
    from simd.ctl.service.control import restart  # noqa: PLC0415 - as above

    return restart(call)


def _status(call: Call) -> int:
    from simd.ctl.service.control import status  # noqa: PLC0415 - as above

    return status(call)


def _logs(call: Call) -> int:
    from simd.ctl.service.control import logs  # noqa: PLC0415 - as above

    return logs(call)


ACTIONS: Mapping[
    str, tuple[str, str, Callable[[ArgumentParser], None], Callable[[Call], int]]
] = {
    "install": (
        "have the daemon started now and at every log-in",
        "simctl service install ~/Pictures",
        _install_words,
        _install,
    ),
    "uninstall": (
        "stop the daemon and take the service away; settings, catalogue and pictures stay",
        "simctl service uninstall",
        _no_words,
        _uninstall,
    ),
    "start": ("start the daemon and wait until it answers", "simctl service start", _no_words, _start),
    "stop": ("stop the daemon until the next start or log-in", "simctl service stop", _no_words, _stop),
    "restart": ("stop the daemon and start it anew", "simctl service restart", _no_words, _restart),
    "status": (
        "how the service is; exit code 1 when it does not run",
        "simctl service status",
        _no_words,
        _status,
    ),
    "logs": ("the newest messages of the daemon", "simctl service logs --follow", _logs_words, _logs),
}  # fmt: skip
"""Every action: what it does, an example, its arguments, and the function that does it."""
