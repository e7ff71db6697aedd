"""Work in another process: its result, its errors, its log and its end are told to who asked."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from simd.core.errors import Failed, NotFound, Unavailable
from simd.runtime.errand import Errands
from tests.runtime import errands as work

_SOON = 60.0


@pytest.fixture(scope="module")
def errands() -> Iterator[Errands]:
    """One that the tests of this module share: each must leave it usable."""
    errands = Errands()
    yield errands
    errands.close()


def deaf(message: object) -> None:
    """Nothing is expected."""
    raise AssertionError(message)


def test_the_result_comes_back(errands: Errands) -> None:
    """The function is called with its order elsewhere, and its value is returned here."""
    assert 42 == errands.run(work.doubled, 21, deaf, _SOON)
    assert os.getpid() != errands.run(work.conditions, None, deaf, _SOON)["pid"]


def test_questions_are_answered(errands: Errands) -> None:
    """Every message is handed over in its order, and what is answered reaches the child."""
    heard: list[int] = []

    def hear(number: int) -> int:
        heard.append(number)
        return number * number

    assert [9, 16, 25] == errands.run(work.asked, [3, 4, 5], hear, _SOON)
    assert [3, 4, 5] == heard


def test_an_error_of_the_house_arrives_whole(errands: Errands) -> None:
    """Class, message, hint and path are those that were raised."""
    with pytest.raises(NotFound) as caught:
        errands.run(work.refused, ("gone", "look elsewhere", "/a"), deaf, _SOON)
    error = caught.value
    assert ("gone", "look elsewhere", "/a") == (error.message, error.hint, error.path)


def test_an_unforeseen_error_is_logged_and_not_told(
    errands: Errands, caplog: pytest.LogCaptureFixture
) -> None:
    """Who asked learns that it failed; the traceback is in the log of this process."""
    with pytest.raises(Failed, match="Something went wrong") as caught:
        errands.run(work.broken, None, deaf, _SOON)
    assert "secret detail" not in caught.value.message
    assert "ZeroDivisionError: secret detail" in caplog.text


def test_the_log_of_the_child_is_ours(errands: Errands, caplog: pytest.LogCaptureFixture) -> None:
    """Its messages keep logger, level and words; what this process does not write is not written."""
    caplog.set_level(logging.INFO)
    errands.run(work.logged, None, deaf, _SOON)
    said = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert ("errand.test", "INFO", "a word of news") in said
    assert ("errand.test", "WARNING", "a warning") in said
    assert not any(message == "the least" for _, _, message in said)
    assert any(name == "py.warnings" and "of Python's" in message for name, _, message in said)
    caplog.clear()
    caplog.set_level(logging.WARNING)
    errands.run(work.logged, None, deaf, _SOON)
    assert "a word of news" not in caplog.text


@pytest.mark.parametrize(
    ("function", "order", "words"),
    [
        (work.killed, signal.SIGKILL, "was ended by SIGKILL"),
        (work.killed, signal.SIGSEGV, "was ended by SIGSEGV"),
        (work.ended, 3, "ended with exit code 3"),
        (work.ended, 0, "ended with exit code 0"),
    ],
)
def test_a_death_is_told(errands: Errands, function: Any, order: int, words: str) -> None:
    """A child that dies without a result is a failure with a hint, and the next one works."""
    with pytest.raises(Failed, match=words) as caught:
        errands.run(function, order, deaf, _SOON)
    assert caught.value.hint
    assert 2 == errands.run(work.doubled, 1, deaf, _SOON)


def test_a_child_that_cannot_start_is_told(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without room for another process is no unforeseen error."""

    def refuse(_self: BaseProcess) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(BaseProcess, "start", refuse)
        with pytest.raises(Failed, match="could not be started: Resource temporarily unavailable"):
            errands.run(work.doubled, 1, deaf, _SOON)
    assert 2 == errands.run(work.doubled, 1, deaf, _SOON)


def test_a_hanging_child_is_killed(errands: Errands) -> None:
    """When its time is over it is ended and told so."""
    children: list[int] = []
    with pytest.raises(Failed, match="took longer than 1 s"):
        errands.run(work.hung, None, children.append, 1.0)
    assert not psutil.pid_exists(children[0])


def test_closing_ends_what_runs() -> None:
    """Who waits is let go at once, the process is gone, and nothing more is started."""
    errands, begun = Errands(), Event()
    children: list[int] = []
    caught: list[BaseException] = []

    def hear(pid: int) -> None:
        children.append(pid)
        begun.set()

    def ask() -> None:
        try:
            errands.run(work.hung, None, hear, _SOON)
        except Unavailable as error:
            caught.append(error)

    asking = Thread(target=ask)
    asking.start()
    assert begun.wait(_SOON)
    errands.close()
    asking.join(_SOON)
    assert ["The daemon is stopping."] == [str(error) for error in caught]
    assert not psutil.pid_exists(children[0])
    with pytest.raises(Unavailable):
        errands.run(work.doubled, 1, deaf, _SOON)


def test_the_child_is_polite_and_inherits_nothing(errands: Errands) -> None:
    """It is niced, ignores the terminal's interrupt, and has no socket of ours open."""
    with socket.socket(socket.AF_UNIX) as ours:
        ours.set_inheritable(True)
        found = errands.run(work.conditions, None, deaf, _SOON)
        assert work.identity(ours.fileno()) not in found["open"]
    assert (10, True) == (found["nice"], found["interrupt"])


_PARENT = """
import sys
from simd.runtime.errand import Errands
from tests.runtime import errands

def hear(message):
    print(message, flush=True)

if __name__ == "__main__":
    Errands().run(errands.orphaned, sys.argv[1], hear, 60)
"""


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed cannot say goodbye; the child goes nevertheless."""
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    here = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.fspath(here)}
    with subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        assert b"ready\n" == parent.stdout.readline()
        child = psutil.Process(int((tmp_path / "pid").read_text()))
        parent.kill()
    assert child.wait(_SOON) in {None, 1}
