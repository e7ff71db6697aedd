"""From words on a command line to an exit code."""

import os
import sys
from collections.abc import Sequence

from simd.client.http import Client
from simd.client.locate import find_socket
from simd.client.patience import Patience
from simd.core.errors import Failed, SimdError, WrongUsage
from simd.ctl.call import Call
from simd.ctl.output import Output
from simd.ctl.parser import parse

BROKEN_PIPE = 141
"""What a shell reports for a program that ended by SIGPIPE."""

INTERRUPTED = 130
"""What a shell reports for a program that ended by SIGINT."""

LOADING_SECONDS = 60.0
"""How long a daemon may take to load its catalogue before a command gives up."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the program's name; those of the process when None.

    Returns:
        0 done, 1 the answer is no, 2 wrong usage, 3 no daemon, 4 refused, 5 failed.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:  # standard input or output; the client translates those of the socket
        _discard_output()
        sys.stderr.write(f"simctl: {error.strerror}\n")
        return Failed.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _run(words: list[str]) -> int:
    output = Output(as_json="--json" in words)
    try:
        arguments = parse(words)
        output.as_json = arguments.json
        if arguments.json and arguments.null:
            raise WrongUsage("--json and -0 exclude each other")
        patience = Patience(LOADING_SECONDS, lambda: _say_that_it_loads(output))
        client = Client(find_socket(arguments.socket), patience=patience)
        return int(arguments.run(Call(arguments, client, output)))
    except SystemExit as end:  # how argparse ends after --help and --version
        return int(end.code or 0)
    except SimdError as error:
        output.error(error)
        return error.exit_code


def _say_that_it_loads(output: Output) -> None:
    if sys.stderr.isatty():
        output.note("simd is loading its catalogue ...")


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere: the first one found nobody to take it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
