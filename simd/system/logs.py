"""Log messages to standard error, such that a reader who stalls cannot stall the daemon.

Messages go through a bounded queue to one thread that writes them. Under the journal each
line begins with its priority, as sd-daemon(3) has it.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from logging.handlers import QueueHandler
from queue import Full, Queue
from threading import Event
from typing import Final, Literal, TextIO

from simd.core.display import display_path
from simd.runtime.instruments import counter
from simd.runtime.logrecords import portable
from simd.runtime.threads import NamedThread

DROPPED: Final = counter(
    "simd_log_messages_dropped_total", "Messages that were dropped because standard error was not read."
)

CAPACITY = 10_000
"""Messages that may wait for the writer before new ones are dropped."""

PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Levels and the syslog priorities of messages at least as grave; what is below is 7."""

CHATTY = ("alembic", "apscheduler", "PIL", "asyncio", "uvicorn")
"""Libraries whose everyday messages are of no use to the person who runs the daemon."""

LINGER = 2.0
"""How long the last messages have to be written, in seconds."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has, and formatters add."""

_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)] if chr(code) not in "\n\t"}


class LogWriter:
    """The end of the queue: hands every message to a handler in a thread of its own."""

    def __init__(self, handler: logging.Handler, capacity: int = CAPACITY) -> None:
        self._queue: Queue[logging.LogRecord | None] = Queue(capacity)
        self._handler = handler
        self._told = 0
        self.entrance = DroppingQueueHandler(self._queue)
        self._thread = NamedThread("log-writer", self._write, on_stop=self._wake)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, for at most :data:`LINGER` seconds, and end."""
        self._thread.stop(LINGER)

    def _write(self, stopping: Event) -> None:
        while not (stopping.is_set() and self._queue.empty()):
            record = self._queue.get()
            if record is not None:
                self._handler.handle(record)
                self._tell_dropped()

    def _wake(self) -> None:
        # A full queue needs no waking.
        with suppress(Full):
            self._queue.put_nowait(None)

    def _tell_dropped(self) -> None:
        dropped = self.entrance.dropped
        if dropped > self._told:
            message = f"{dropped - self._told} log messages were dropped: standard error was not read"
            self._told = dropped
            self._handler.handle(
                logging.makeLogRecord(
                    {"name": __name__, "levelno": 30, "levelname": "WARNING", "msg": message}
                )
            )


class DroppingQueueHandler(QueueHandler):
    """The entrance of the queue: never waits, and counts what did not fit."""

    def __init__(self, queue: "Queue[logging.LogRecord | None]") -> None:
        super().__init__(queue)
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The message as text: what it names may change before it is written."""
        return portable(record)

    def enqueue(self, record: logging.LogRecord) -> None:
        """Leave a message, or drop it when the queue is full."""
        try:
            self.queue.put_nowait(record)
        except Full:
            self.dropped += 1
            DROPPED.add()


class TextFormatter(logging.Formatter):
    """Lines for people. The journal adds the time itself, so it is left out there."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """One message, of several lines when it carries a traceback."""
        text = f"{record.name}: {one_line(record.getMessage())}"
        if traceback := _traceback(record):
            text = f"{text}\n{printable(traceback)}"
        if self._journal:
            return _with_priority(text, record.levelno)
        return f"{_moment(record)} {record.levelname.lower()} {text}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, thread, message, traceback, and what the message names."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """One message in one line."""
        said: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": printable(record.getMessage()),
        }
        if traceback := _traceback(record):
            said["traceback"] = printable(traceback)
        fields = {name: value for name, value in _fields(record).items() if name not in said}
        text = json.dumps(said | fields)
        return _with_priority(text, record.levelno) if self._journal else text


def start_logging(
    level: str = "info",
    style: Literal["text", "json"] = "text",
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> LogWriter:
    """Send the log of this process to a stream.

    Args:
        level: the least grave level that is written: debug, info, warning or error.
        style: lines for people, or JSON.
        stream: standard error when None.
        environ: tells whether the stream is the journal's.

    Returns:
        The writer, started; whoever called stops it last.
    """
    stream = sys.stderr if stream is None else stream
    journal = is_journal(stream, environ)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        JsonFormatter(journal=journal) if style == "json" else TextFormatter(journal=journal)
    )
    writer = LogWriter(handler)
    logging.getLogger().handlers[:] = [writer.entrance]
    set_level(level)
    logging.captureWarnings(capture=True)
    writer.start()
    return writer


def set_level(level: str) -> None:
    """Write messages of this level and graver ones; libraries that talk much are heard in debugging only."""
    top = logging.getLogger()
    top.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING if top.level > logging.DEBUG else logging.NOTSET)


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a stream leads to the journal: its device and inode are those in ``JOURNAL_STREAM``."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        # A stream in memory has no descriptor.
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def printable(text: str) -> str:
    """The text with all that could disturb a terminal or an encoder written as escapes."""
    return text.translate(_ESCAPES).encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    """As :func:`printable`, with line breaks escaped: a name shall not pass for a message of its own."""
    return printable(text).replace("\n", "\\n")


def _traceback(record: logging.LogRecord) -> str:
    if record.exc_info and not record.exc_text:
        return logging.Formatter().formatException(record.exc_info)
    return record.exc_text or ""


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the message names with ``extra``: numbers as they are, paths and all else as text."""
    return {name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return printable(display_path(value) if isinstance(value, bytes) else str(value))


def _with_priority(text: str, level: int) -> str:
    priority = next((number for least, number in PRIORITIES if level >= least), 7)
    return "\n".join(f"<{priority}>{line}" for line in text.split("\n"))


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
