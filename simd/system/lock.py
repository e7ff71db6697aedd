"""One daemon for each state folder."""

import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from simd.core.errors import AlreadyRunning, ConfigError
from simd.system.folders import LOCK_NAME


class ProcessLock:
    """A lock on a state folder, held for the life of the daemon.

    The kernel lets go of it when the process ends, however it ends. The lock file stays
    behind and holds the number of the last process that had it; it is never removed,
    because a second daemon could then lock another file of the same name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LOCK_NAME
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock, at once or not at all.

        Raises:
            AlreadyRunning: another daemon has it; the message names its process and the folder.
            ConfigError: the lock file cannot be opened or is not simd's own, or its filesystem has no locks.
        """
        while self._descriptor is None:
            descriptor = self._open()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _read_pid(descriptor)
                os.close(descriptor)
                raise self._refusal(holder) from None
            except OSError as error:
                os.close(descriptor)
                raise self._unusable(error) from error
            if self._is_current(descriptor):
                self._descriptor = descriptor
                _write_pid(descriptor)
            else:
                os.close(descriptor)

    def release(self) -> None:
        """Let go of the lock; nothing happens when it is not held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        if not _is_ours(os.fstat(descriptor)):
            os.close(descriptor)
            raise ConfigError(
                f"the lock file {self._path} is not simd's own; it is left as it is",
                hint="move it away, or choose another folder with --state-dir or SIMD_STATE_DIR",
                path=os.fspath(self._path),
            )
        return descriptor

    def _is_current(self, descriptor: int) -> bool:
        """Whether the locked file is still the one of that name."""
        try:
            there = os.lstat(self._path)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(descriptor), there)

    def _refusal(self, holder: int | None) -> AlreadyRunning:
        who = f"process {holder}" if holder is not None else "another process"
        return AlreadyRunning(
            f"simd is already running on {self._folder} ({who})",
            hint="stop it first, or choose another folder with --state-dir",
            path=os.fspath(self._folder),
        )

    def _unusable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"the lock file {self._path} cannot be used: {error.strerror}",
            hint="the state folder must be writable, and on a local filesystem",
            path=os.fspath(self._path),
        )


def _is_ours(found: os.stat_result) -> bool:
    """Whether this is a file of this user without a second name: it will be overwritten."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and found.st_nlink <= 1


def _read_pid(descriptor: int) -> int | None:
    written = os.pread(descriptor, 32, 0).strip()
    return int(written) if written.isdigit() else None


def _write_pid(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
