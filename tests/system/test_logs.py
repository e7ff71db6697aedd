"""What the log looks like, and that whoever does not read it stalls nobody."""

import io
import json
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

import pytest

from simd.system import logs
from simd.system.logs import LogWriter, printable, start_logging

log = logging.getLogger("simd.test")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Gives the log back to pytest afterwards."""
    top = logging.getLogger()
    handlers, level = top.handlers[:], top.level
    chatty = {name: logging.getLogger(name).level for name in logs.CHATTY}
    yield
    logging.captureWarnings(capture=False)
    top.handlers[:] = handlers
    top.setLevel(level)
    for name, before in chatty.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def journal(tmp_path: object) -> Iterator[tuple[TextIO, dict[str, str]]]:
    """A stream that the environment names as the journal's."""
    reading, writing = os.pipe()
    found = os.fstat(writing)
    with os.fdopen(writing, "w") as stream, os.fdopen(reading) as reader:
        stream.reader = reader  # type: ignore[attr-defined]  # the test reads what was written
        yield stream, {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}


def fail() -> None:
    """Log an error with its traceback."""
    try:
        [].pop()
    except IndexError:
        log.exception("it failed")


def test_text_for_people() -> None:
    """A line has time, level, room and message; what is below the level is left out."""
    stream = io.StringIO()
    writer = start_logging("info", "text", stream, {})
    log.debug("hidden")
    log.info("seen %d", 3)
    writer.stop()
    moment, rest = stream.getvalue().split(" ", 1)
    assert "info simd.test: seen 3\n" == rest
    assert datetime.fromisoformat(moment).utcoffset() is not None


def test_journal_lines_begin_with_their_priority(journal: tuple[TextIO, dict[str, str]]) -> None:
    """Under the journal each line, of a traceback too, has its priority and no time."""
    stream, environ = journal
    writer = start_logging("debug", "text", stream, environ)
    for say in (log.debug, log.info, log.warning, log.error, log.critical):
        say("x")
    fail()
    writer.stop()
    stream.flush()
    lines = os.read(stream.reader.fileno(), 10_000).decode().splitlines()  # type: ignore[attr-defined]  # see the fixture
    assert [f"<{priority}>simd.test: x" for priority in (7, 6, 4, 3, 2)] == lines[:5]
    assert "<3>simd.test: it failed" == lines[5]
    assert "<3>IndexError: pop from empty list" == lines[-1]
    assert {"<3>"} == {line[:3] for line in lines[5:]}


def test_another_stream_is_no_journal(journal: tuple[TextIO, dict[str, str]]) -> None:
    """A daemon whose standard error was redirected writes for people, whatever its parent had."""
    _, environ = journal
    stream = io.StringIO()
    writer = start_logging("info", "text", stream, environ)
    log.info("x")
    writer.stop()
    assert stream.getvalue().endswith(" info simd.test: x\n")


def test_json_is_one_object_a_line() -> None:
    """A message with a traceback is still one line of JSON, with the traceback beside the message."""
    stream = io.StringIO()
    writer = start_logging("info", "json", stream, {})
    fail()
    log.info("caf\udce9")
    writer.stop()
    failed, said = (json.loads(line) for line in stream.getvalue().splitlines())
    assert ("error", "simd.test", threading.current_thread().name) == tuple(
        failed[key] for key in ("level", "logger", "thread")
    )
    assert "it failed" == failed["message"]
    assert failed["traceback"].startswith("Traceback (most recent call last):\n")
    assert failed["traceback"].endswith("IndexError: pop from empty list")
    assert "caf\\udce9" == said["message"]


def test_json_has_what_the_message_names() -> None:
    """Values given with ``extra`` stand beside the message, paths as text, and replace nothing."""
    stream = io.StringIO()
    writer = start_logging("info", "json", stream, {})
    log.info("x", extra={"path": b"/a/caf\xe9\n", "seconds": 0.5, "files": 3, "reason": None, "level": "no"})
    writer.stop()
    said = json.loads(stream.getvalue())
    assert ("/a/caf\\xe9\n", 0.5, 3, None) == tuple(said[k] for k in ("path", "seconds", "files", "reason"))
    assert {"time", "level", "logger", "thread", "message", "path", "seconds", "files", "reason"} == set(said)
    assert "info" == said["level"]


def test_a_name_cannot_pass_for_a_message(journal: tuple[TextIO, dict[str, str]]) -> None:
    """A line break in a message stays within its line, so that no file name forges one of its own."""
    stream, environ = journal
    writer = start_logging("info", "text", stream, environ)
    log.info("read %s", "a\n<0>kernel: b.jpg")
    writer.stop()
    stream.flush()
    said = os.read(stream.reader.fileno(), 10_000)  # type: ignore[attr-defined]  # see the fixture
    assert b"<6>simd.test: read a\\n<0>kernel: b.jpg\n" == said


def test_names_cannot_disturb_the_terminal() -> None:
    """Control characters and bytes that are no text are written as escapes; lines and tabs stay."""
    assert "a\\x1b[31m\\x07\\x7f\\x9b\\udcff\n\té€" == printable("a\x1b[31m\a\x7f\x9b\udcff\n\té€")


def test_libraries_are_kept_quiet_unless_asked() -> None:
    """Everyday messages of libraries appear at debug only; warnings of Python are logged."""
    for level, expected in (("info", ["py.warnings"]), ("debug", ["apscheduler", "py.warnings"])):
        stream = io.StringIO()
        for name in logs.CHATTY:
            logging.getLogger(name).setLevel(logging.NOTSET)
        writer = start_logging(level, "json", stream, {})
        logging.getLogger("apscheduler").info("Looking for jobs to run")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("mind this", stacklevel=1)
        writer.stop()
        assert expected == [json.loads(line)["logger"] for line in stream.getvalue().splitlines()]


class Stalled(logging.Handler):
    """A handler whose reader does not read until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.go = threading.Event()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Wait for the reader."""
        self.entered.set()
        assert self.go.wait(10)
        self.said.append(record.getMessage())


def test_stalled_reader_stalls_nobody() -> None:
    """Messages beyond the capacity are dropped at once and counted; what had room arrives in order."""
    handler = Stalled()
    writer = LogWriter(handler, capacity=10)
    writer.start()
    logger = logging.Logger("simd.stalled")  # noqa: LOG001 - one that no other handler hears
    logger.addHandler(writer.entrance)
    logger.warning("first")
    assert handler.entered.wait(5)
    for number in range(100):
        logger.warning("%d", number)
    assert 90 == writer.entrance.dropped
    handler.go.set()
    writer.stop()
    assert ["first", *(str(number) for number in range(10))] == [
        said for said in handler.said if "dropped" not in said
    ]
    assert ["90 log messages were dropped: standard error was not read"] == [
        said for said in handler.said if "dropped" in said
    ]


def test_stopping_does_not_wait_for_a_dead_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon ends although nobody reads its last words."""
    monkeypatch.setattr(logs, "LINGER", 0.05)
    handler = Stalled()
    writer = LogWriter(handler, capacity=1)
    writer.start()
    for _ in range(5):
        writer.entrance.emit(logging.makeLogRecord({"msg": "x"}))
    assert handler.entered.wait(5)
    writer.stop()
    assert [] == handler.said
    handler.go.set()
