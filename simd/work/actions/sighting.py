"""A file looked at once more, right before something is done to it or because of it."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from simd.core.actions.known import Known
from simd.core.display import display_path
from simd.core.stamp import Stamp

OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""What was a file a moment ago may be a link by now, or a pipe that nobody writes to."""


SMALL_BYTES = 2**20
"""Files up to this are read at once."""

CONTENTS_KEPT = 8
"""Files that were read at once and are remembered with their bytes."""


_NO_NAMES = frozenset({b"", b".", b".."})
"""What a path that is meant as it stands has between no two slashes."""


class Unfit(Exception):
    """A step is left alone; the reason is a sentence for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stuck(Exception):
    """A deed failed, and what it had done could not be taken back; the step stays open until it can."""

    def __init__(self, reason: str) -> None:
        """``reason`` is a sentence for a person."""
        super().__init__(reason)
        self.reason = reason


def reason_of(error: OSError | Unfit) -> str:
    """Why something could not be done, as a sentence."""
    return error.reason if isinstance(error, Unfit) else f"{error.strerror or error}."


@contextmanager
def taking_back() -> Iterator[None]:
    """What is done within takes back what was done before, and so must not fail.

    Raises:
        Stuck: it has.
    """
    try:
        yield
    except (OSError, Unfit) as error:
        raise Stuck(f"It failed half-way, and could not be taken back: {reason_of(error)}") from error


class Demand(NamedTuple):
    """What has to be so of a file before something is done to it.

    Attributes:
        file: it lies there, as it was.
        kept: so does this one, which is another one; None where nothing stays instead of it.
        read: the bytes of both are read, and are those of before; where nobody has read them before, equal.
        together: both lie on one filesystem.
        home: no link leads to this folder, in which it will lie; None where it goes to a place of ours.
    """

    file: Known
    kept: Known | None = None
    read: bool = False
    together: bool = False
    home: bytes | None = None


def demand_back(file: Known, place: bytes | None) -> Demand:
    """What has to be so of a file that goes back: it lies at its place as it was, and no link leads home."""
    if place is None:
        raise ValueError("what was taken away has a place")
    home = file.path[: file.path.rfind(b"/")]
    return Demand(Known(place, file.stamp, file.digest), read=True, home=home)


class Sighter:
    """Looks at files, at each as seldom as may be. For one batch: what it saw is remembered.

    Attributes:
        met: pictures of units of which another has seen a moment ago that all is as it has to be.
    """

    def __init__(self, met: Iterable[bytes] = ()) -> None:
        """Have seen nothing yet, whatever others have."""
        self.met = frozenset(met)
        self._real: dict[bytes, bool] = {b"": True}
        self._seen: dict[bytes, tuple[Known, bool, tuple[int, int]]] = {}
        self._digests: dict[tuple[int, Stamp], bytes] = {}
        self._contents: dict[bytes, bytes] = {}

    def see(self, known: Known, *, digest: bool = False) -> tuple[int, int]:
        """The file of a plan, if it is still the one that was planned with.

        Args:
            known: the file as it was.
            digest: its bytes are read, whatever its stamp says.

        Returns:
            Its device and inode, which tell it from all other files.

        Raises:
            Unfit: it is gone, or another one, or cannot be read.
        """
        seen = self._seen.get(known.path)
        if seen is not None:
            planned, digested, inode = seen
            if (digested or not digest) and planned == known:
                return inode
        descriptor = self._opened(known.path)
        try:
            inode = self._see(known, descriptor, digest=digest)
        except OSError as error:
            raise _unreadable(known.path, error) from error
        finally:
            os.close(descriptor)
        self._seen[known.path] = known, digest, inode
        return inode

    def require(self, demand: Demand) -> None:
        """See that all is as it has to be of a file.

        Raises:
            Unfit: it is not.
        """
        if demand.home is not None:
            self.require_real(demand.home)
        file, kept = self.see(demand.file, digest=demand.read), demand.kept
        if kept is None:
            return
        keeper = self.see(kept, digest=demand.read)
        if file == keeper:
            raise Unfit("It is the kept file under another name: nothing would be freed.")
        if demand.together and file[0] != keeper[0]:
            raise Unfit(f"{display_path(kept.path)} lies on another filesystem.")
        # What nobody had read when the plan was made: a raw file or a video, and its equal beside the keeper.
        if demand.read and demand.file.digest is None:
            self._require_equal(demand.file.path, kept.path)

    def _require_equal(self, file: bytes, counterpart: bytes) -> None:
        if self.digest(file) != self.digest(counterpart):
            raise Unfit(f"{display_path(file)} and {display_path(counterpart)} are not equal.")

    def digest(self, path: bytes) -> bytes:
        """The SHA-256 of the bytes of a file, whatever it is by now.

        Raises:
            Unfit: there is no file, or it cannot be read.
        """
        with self.open(path) as descriptor:
            found = os.fstat(descriptor)
            key = found.st_dev, Stamp.of(found)
            digest = self._digests.get(key)
            if digest is None:
                digest = self._digests[key] = self._digest(descriptor, found)
            return digest

    @contextmanager
    def open(self, path: bytes) -> Iterator[int]:
        """A regular file, open for reading; no link is followed, neither to it nor on the way.

        Raises:
            Unfit: there is none, or it cannot be read, now or within the context.
        """
        descriptor = self._opened(path)
        try:
            _require_regular(path, os.fstat(descriptor))
            yield descriptor
        except OSError as error:
            raise _unreadable(path, error) from error
        finally:
            os.close(descriptor)

    def _opened(self, path: bytes) -> int:
        """What stands at a path, open for reading, unless it is a link or reached through one."""
        self.require_real(path[: path.rfind(b"/")])
        try:
            return os.open(path, OPEN_FLAGS)
        except OSError as error:
            raise _unreadable(path, error) from error

    def _see(self, known: Known, descriptor: int, *, digest: bool) -> tuple[int, int]:
        found = os.fstat(descriptor)
        _require_regular(known.path, found)
        if not known.stamp.is_of(found):
            raise Unfit(f"{display_path(known.path)} has changed since the plan was made.")
        # A new name, or new permissions, change that time as well as other bytes under an old date do.
        doubtful = known.digest is not None and (digest or found.st_ctime_ns != known.stamp.ctime_ns)
        if doubtful and self._digest(descriptor, found, known.digest) != known.digest:
            raise Unfit(f"{display_path(known.path)} holds other bytes than when the plan was made.")
        return found.st_dev, found.st_ino

    def _digest(self, descriptor: int, found: os.stat_result, expected: bytes | None = None) -> bytes:
        """The digest of a file, just opened, that nobody writes to meanwhile; ``found`` is from before.

        Raises:
            Unfit: somebody does.
        """
        if found.st_size > SMALL_BYTES:
            digest = _digest_large(descriptor)
        else:
            digest = self._digest_small(os.pread(descriptor, found.st_size, 0), expected)
        now = os.fstat(descriptor)
        if (
            now.st_mtime_ns != found.st_mtime_ns
            or now.st_ctime_ns != found.st_ctime_ns
            or now.st_size != found.st_size
        ):
            raise Unfit("It was written to while it was read.")
        return digest

    def _digest_small(self, content: bytes, expected: bytes | None) -> bytes:
        """The digest of a file that fits into memory.

        Copies come one after the other: who is equal to a file of a digest has that digest, too.
        """
        if expected is not None and content == self._contents.get(expected):
            return expected
        digest = hashlib.sha256(content).digest()
        if len(self._contents) >= CONTENTS_KEPT:
            self._contents.clear()
        self._contents[digest] = content
        return digest

    def require_real(self, folder: bytes) -> None:
        """See that no link leads to a folder, be it there or not; empty stands for the topmost.

        Raises:
            Unfit: one does.
        """
        real = self._real.get(folder)
        if not (self._is_real(folder) if real is None else real):
            raise Unfit(f"{display_path(folder)} is reached through a link by now.")

    def _is_real(self, folder: bytes) -> bool:
        """Whether neither a folder nor any above it is a link, or no plain name; each is looked at once."""
        unknown, place = [], folder
        while place not in self._real:
            unknown.append(place)
            place = place[: max(place.rfind(b"/"), 0)]
        real = self._real[place] and folder.startswith(b"/")
        for each in reversed(unknown):
            real = real and each[each.rfind(b"/") + 1 :] not in _NO_NAMES and not os.path.islink(each)  # noqa: PTH114 - bytes
            self._real[each] = real
        return real


def _require_regular(path: bytes, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Unfit(f"{display_path(path)} is no regular file any more.")


def _unreadable(path: bytes, error: OSError) -> Unfit:
    return Unfit(f"{display_path(path)}: {error.strerror}.")


def _digest_large(descriptor: int) -> bytes:
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        return hashlib.file_digest(stream, "sha256").digest()
