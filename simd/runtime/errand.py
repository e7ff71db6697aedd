"""Work in a process of its own, of which nothing remains in this one but its result.

The process gives way to all others, ends with its parent, and may be killed: whoever waits for
it is told. It comes from the fork server, so it inherits no file, no lock and no thread. A *line*
joins the two; the parent answers on it and writes to its own log what the child has to say.
"""

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any, TypeVar

from simd.core.errors import Failed, SimdError, Unavailable
from simd.runtime.logrecords import portable
from simd.runtime.parenthood import leave_with_parent
from simd.runtime.priority import give_way

A = TypeVar("A")
T = TypeVar("T")

log = logging.getLogger(__name__)

FAREWELL_SECONDS = 2.0
"""How long a process may take to end after its result is there."""

_SAID, _LOGGED, _DONE, _FAILED = "said", "logged", "done", "failed"


class Line:
    """The child's end. Everything that goes over it must be picklable."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._lock = Lock()

    def say(self, message: object) -> None:
        """Tell the parent something. Some messages have an answer, see :meth:`listen`."""
        self.send(_SAID, message)

    def listen(self) -> Any:
        """Wait for the answer to the last message that has one."""
        return self._connection.recv()

    def send(self, kind: str, content: object) -> None:
        """Put one envelope on the line."""
        with self._lock:
            self._connection.send((kind, content))


class Errands:
    """Runs functions in processes of their own, and ends them all when it is closed."""

    def __init__(self) -> None:
        self._running: set[BaseProcess] = set()
        self._lock = Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    def run(
        self, function: Callable[[Line, A], T], order: A, hear: Callable[[Any], object], seconds: float
    ) -> T:
        """Call ``function`` with the child's end of a line and an order, and wait for its result.

        Args:
            function: of a module that this process may import without harm.
            order: what the function is to do.
            hear: is handed every message; what it returns, if not None, is the answer.
            seconds: when they are over, the process is killed.

        Raises:
            SimdError: what the function raised.
            Failed: it raised something else, died, took too long, or could not be started.
            Unavailable: :meth:`close` was called.
        """
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        level = max(logging.INFO, log.getEffectiveLevel())
        process = context.Process(
            target=_perform, args=(theirs, level, function, order), name=function.__name__, daemon=True
        )
        with ours:
            with theirs:
                self._start(process)
            try:
                result: T = _converse(ours, process, hear, seconds)
            except (EOFError, OSError) as error:
                raise self._death(process) from error
            finally:
                self._end(process)
        return result

    def close(self) -> None:
        """Kill what runs, and start nothing more."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            process.kill()

    def _start(self, process: BaseProcess) -> None:
        with self._lock:
            if self._closed:
                raise _stopping()
            try:
                process.start()
            except OSError as error:
                raise Failed(
                    f"The process of {process.name} could not be started: {error.strerror or error}.",
                    hint="The machine may be short of memory or processes. Ask again.",
                ) from error
            self._running.add(process)

    def _end(self, process: BaseProcess) -> None:
        process.join(0 if self._closed else FAREWELL_SECONDS)
        process.kill()
        process.join()
        with self._lock:
            self._running.discard(process)

    def _death(self, process: BaseProcess) -> SimdError:
        process.join(FAREWELL_SECONDS)
        if self._closed:
            return _stopping()
        return Failed(
            f"The process of {process.name} {_words_of(process.exitcode)}.",
            hint="The machine may be short of memory; the log may say more. Ask again.",
        )


def _converse(
    line: "Connection[Any, Any]", process: BaseProcess, hear: Callable[[Any], object], seconds: float
) -> Any:
    """Hear and answer until the result is there."""
    deadline = time.monotonic() + seconds
    while True:
        if not line.poll(max(0.0, deadline - time.monotonic())):
            raise Failed(
                f"The process of {process.name} was ended: it took longer than {seconds:,.0f} s.",
                hint="The machine may be busy. Ask again later.",
            )
        kind, content = line.recv()
        if kind == _DONE:
            return content
        if kind == _FAILED:
            raise content
        if kind == _LOGGED:
            _write_log(content)
        elif (answer := hear(content)) is not None:
            line.send(answer)


def _write_log(record: logging.LogRecord) -> None:
    writer = logging.getLogger(record.name)
    if writer.isEnabledFor(record.levelno):
        writer.handle(record)


def _stopping() -> Unavailable:
    return Unavailable("The daemon is stopping.", hint="Ask again once it runs.")


def _words_of(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was ended by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"


class _LineHandler(QueueHandler):
    """Sends the log of this process to the parent."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)  # type: ignore[arg-type]  # only `enqueue` touches the queue
        self._line = line

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return portable(record)

    def enqueue(self, record: logging.LogRecord) -> None:
        self._line.send(_LOGGED, record)


def _perform(
    connection: "Connection[Any, Any]", level: int, function: Callable[[Line, A], object], order: A
) -> None:
    """What the child does from its first line to its last."""
    leave_with_parent()
    # An interrupt from the terminal reaches the whole process group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    refused = give_way()
    line = Line(connection)
    top = logging.getLogger()
    top.handlers[:] = [_LineHandler(line)]
    top.setLevel(level)
    logging.captureWarnings(capture=True)
    if refused:
        log.info("the process gives way less than it should: %s", "; ".join(refused))
    try:
        result = function(line, order)
    except SimdError as error:
        line.send(_FAILED, error)
    except Exception:
        log.exception("%s failed by an unforeseen error", function.__name__)
        line.send(_FAILED, Failed("Something went wrong inside the daemon.", hint="Its log says more."))
    else:
        line.send(_DONE, result)
