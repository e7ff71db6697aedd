"""A report that is being written: under temporary names until all of it is on the disk."""

import errno
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, TextIO

from simd.core.errors import BadReportFolder
from simd.core.report.naming import LATEST, file_name
from simd.work.report.shelf import PAGE

log = logging.getLogger(__name__)

LINK: Final = f"{LATEST}{PAGE}"
"""A symbolic link to the page of the newest report."""

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600

_UNFINISHED: Final = re.compile(r"\.report-.+\.([0-9]+)\.part")
_OLD_SECONDS: Final = 86_400.0
"""A temporary file of this age is nobody's, even where a new process has its writer's number."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_FOLDER: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ELOOP})


class Draft:
    """The files of one report; as a context manager it leaves nothing behind that was not published.

    Every method raises :class:`~simd.core.errors.BadReportFolder` when the folder or its disk refuses.
    """

    def __init__(self, folder: Path, report_id: str) -> None:
        self._folder = folder
        self._report_id = report_id
        self._suffixes: list[str] = []
        self._named: list[Path] = []

    def __enter__(self) -> Self:
        with _told(self._folder):
            # Its parent is not made: it may be the place of a disk that is not mounted now.
            self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            _sweep(self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in [*(self._temporary(suffix) for suffix in self._suffixes), *self._named]:
            try:
                path.unlink(missing_ok=True)
            except OSError as fault:
                # What the folder refused before is the news; this is only its consequence.
                log.warning("%s stays behind: %s", path, fault.strerror)

    @contextmanager
    def binary(self, suffix: str) -> Iterator[BinaryIO]:
        """A new file of the report; at the end of the context its content is on the disk."""
        path = self._temporary(suffix)
        self._suffixes.append(suffix)
        with _told(self._folder):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(path, flags, FILE_MODE), "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())

    @contextmanager
    def text(self, suffix: str) -> Iterator[TextIO]:
        """The same, for text in UTF-8; line ends are written as they are given."""
        with self.binary(suffix) as stream, _told(self._folder):
            # Text of others has been made encodable long before; one that was not would cost a night.
            text = TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="")
            yield text
            text.detach()

    def publish(self) -> None:
        """Give the files their names, the page last; from then on the report is there."""
        with _told(self._folder):
            for suffix in self._suffixes:
                if suffix != PAGE:
                    self._name(suffix)
            _sync(self._folder)
            self._name(PAGE)
            # From here on nothing is taken back.
            self._named.clear()
            _sync(self._folder)

    def _name(self, suffix: str) -> None:
        target = self._folder / file_name(self._report_id, suffix)
        self._temporary(suffix).replace(target)
        self._named.append(target)

    def _temporary(self, suffix: str) -> Path:
        return self._folder / f".{file_name(self._report_id, suffix)}.{os.getpid()}.part"


def point_latest(folder: Path, report_id: str) -> None:
    """Let ``latest.html`` lead to the page of a report. Where links cannot be made, there is none."""
    unfinished = folder / f".report-{LATEST}.{os.getpid()}.part"
    try:
        unfinished.symlink_to(file_name(report_id, PAGE))
        unfinished.replace(folder / LINK)
        _sync(folder)
    except OSError as error:
        log.warning("%s cannot be renewed: %s", folder / LINK, error.strerror)
        unfinished.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what writers that are no more have left behind."""
    for path in folder.iterdir():
        found = _UNFINISHED.fullmatch(path.name)
        if found is not None and _is_abandoned(path, int(found[1])):
            path.unlink(missing_ok=True)


def _is_abandoned(path: Path, writer: int) -> bool:
    if writer == os.getpid() or time.time() - path.lstat().st_mtime > _OLD_SECONDS:
        return True
    try:
        os.kill(writer, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Whatever the system refuses within, in words."""
    try:
        yield
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> BadReportFolder:
    where = str(folder)
    reason = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        return BadReportFolder(
            f"The report does not fit on the disk of its folder: {reason}.",
            hint="Free some space there, or set report.folder; the reports before are as they were.",
            path=where,
        )
    if error.errno in _FORBIDDEN:
        return BadReportFolder(
            f"The folder of reports cannot be written: {reason}.",
            hint="Let simd's user write there, or set report.folder.",
            path=where,
        )
    if error.errno in _NO_FOLDER:
        return BadReportFolder(
            f"The folder of reports cannot be made or used: {reason}.",
            hint="Mount its disk or make the folder that it should lie in, or set report.folder.",
            path=where,
        )
    return BadReportFolder(
        f"The report could not be written: {reason}.",
        hint="Is the disk of the folder of reports in order?",
        path=where,
    )
