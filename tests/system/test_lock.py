"""One daemon for each state folder, whatever happens to the daemons."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simd.core.errors import AlreadyRunning, ConfigError
from simd.system.lock import ProcessLock

HOLDER = """
import sys
from pathlib import Path
from simd.system.lock import ProcessLock
ProcessLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def start_holder(folder: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock until its input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert "held\n" == holder.stdout.readline()
    return holder


def test_second_process_is_refused_by_name(tmp_path: Path) -> None:
    """Who comes second learns which process has the folder, and leaves it undisturbed."""
    with start_holder(tmp_path) as holder:
        for _ in range(2):
            with pytest.raises(AlreadyRunning) as caught:
                ProcessLock(tmp_path).acquire()
            assert f"simd is already running on {tmp_path} (process {holder.pid})" == caught.value.message
            assert str(tmp_path) == caught.value.path
        assert holder.stdin is not None
        holder.stdin.close()
    with ProcessLock(tmp_path) as lock:
        assert lock.held


def test_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    """A process that was killed keeps nothing locked, although its file stays."""
    with start_holder(tmp_path) as holder:
        holder.send_signal(signal.SIGKILL)
    assert (tmp_path / "simd.lock").exists()
    with ProcessLock(tmp_path):
        assert f"{os.getpid()}\n" == (tmp_path / "simd.lock").read_text()


def test_lock_is_held_once_in_a_process(tmp_path: Path) -> None:
    """Two locks in one process exclude each other too; one lock can be asked for twice and let go twice."""
    lock = ProcessLock(tmp_path)
    lock.acquire()
    lock.acquire()
    with pytest.raises(AlreadyRunning):
        ProcessLock(tmp_path).acquire()
    lock.release()
    lock.release()
    with ProcessLock(tmp_path) as other:
        assert (False, True) == (lock.held, other.held)


def test_lock_is_not_inherited(tmp_path: Path) -> None:
    """A child that outlives the daemon does not keep the folder locked."""
    lock = ProcessLock(tmp_path)
    lock.acquire()
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, close_fds=False)
    lock.release()
    with ProcessLock(tmp_path):
        assert child.poll() is None
    child.communicate()


def test_removed_lock_file_locks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was removed between opening and locking is not taken for the lock."""
    path = tmp_path / "simd.lock"
    opened = ProcessLock._open
    attempts: list[int] = []

    def open_and_lose(lock: ProcessLock) -> int:
        descriptor = opened(lock)
        if not attempts:
            path.unlink()
        attempts.append(descriptor)
        return descriptor

    monkeypatch.setattr(ProcessLock, "_open", open_and_lose)
    with ProcessLock(tmp_path):
        assert len(attempts) == 2
        with pytest.raises(AlreadyRunning):
            ProcessLock(tmp_path).acquire()


def test_unreadable_pid_is_another_process(tmp_path: Path) -> None:
    """A holder that has not written its number yet is refused for all that."""
    with ProcessLock(tmp_path):
        (tmp_path / "simd.lock").write_text("")
        with pytest.raises(AlreadyRunning, match=r"\(another process\)"):
            ProcessLock(tmp_path).acquire()


def test_what_cannot_be_a_lock(tmp_path: Path) -> None:
    """A link in the place of the lock file, or no folder, is refused with the reason."""
    (tmp_path / "simd.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="cannot be used: Too many levels of symbolic links"):
        ProcessLock(tmp_path).acquire()
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(ConfigError, match="cannot be used: No such file"):
        ProcessLock(tmp_path / "gone").acquire()


@pytest.mark.parametrize("kind", ["hard link", "pipe"])
def test_a_planted_lock_file_is_not_written(tmp_path: Path, kind: str) -> None:
    """The lock file is overwritten with a number, so it must be simd's own and nobody's second name."""
    victim, state = tmp_path / "victim", tmp_path / "state"
    victim.write_text("precious")
    state.mkdir()
    if kind == "hard link":
        (state / "simd.lock").hardlink_to(victim)
    else:
        os.mkfifo(state / "simd.lock")
    with pytest.raises(ConfigError, match="is not simd's own; it is left as it is"):
        ProcessLock(state).acquire()
    assert "precious" == victim.read_text()
