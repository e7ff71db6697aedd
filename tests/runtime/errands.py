"""What the child processes of the tests do."""

import logging
import os
import signal
import warnings
from pathlib import Path
from typing import Any

from simd.core.errors import NotFound
from simd.runtime.errand import Line


def doubled(_line: Line, number: int) -> int:
    """Twice the number."""
    return 2 * number


def asked(line: Line, numbers: list[int]) -> list[int]:
    """What the parent answers to each number."""
    answers = []
    for number in numbers:
        line.say(number)
        answers.append(line.listen())
    return answers


def refused(_line: Line, words: tuple[str, str, str]) -> None:
    """An error of the house with all its parts."""
    raise NotFound(words[0], hint=words[1], path=words[2])


def broken(_line: Line, _order: None) -> None:
    """An error that nobody foresaw."""
    raise ZeroDivisionError("secret detail")


def logged(_line: Line, _order: None) -> None:
    """Messages of every level, and a warning of Python's."""
    writer = logging.getLogger("errand.test")
    writer.debug("the least")
    writer.info("a word of %s", "news")
    writer.warning("a warning")
    warnings.warn("a warning of Python's", stacklevel=1)


def killed(_line: Line, number: int) -> None:
    """Die by a signal."""
    os.kill(os.getpid(), number)


def ended(_line: Line, code: int) -> None:
    """Die with an exit code."""
    os._exit(code)


def hung(line: Line, _order: None) -> None:
    """Say who it is, and never come back."""
    line.say(os.getpid())
    signal.pause()


def conditions(_line: Line, _order: None) -> dict[str, Any]:
    """What kind of process this is."""
    return {
        "pid": os.getpid(),
        "nice": os.nice(0),
        "interrupt": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        "open": list(filter(None, map(identity, range(256)))),
    }


def orphaned(line: Line, folder: str) -> None:
    """Leave a file with the number of this process, and wait."""
    Path(folder, "pid").write_text(str(os.getpid()))
    line.say("ready")
    signal.pause()


def identity(descriptor: int) -> tuple[int, int] | None:
    """What an open descriptor leads to; None for one that is not open."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino
