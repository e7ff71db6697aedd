"""Files of an export that a person has renamed, or moved to another folder of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simd.core.cull.model import Exported, Look
from simd.core.cull.names import path_of

Finder = dict[object, list[Exported]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A file in an export under a name that it was not given there.

    Attributes:
        place: relative to the export.
        look: what ``stat`` says of it.
        digest: ``sha256:`` and 64 hex digits; None where no missing file has its size.
    """

    place: bytes
    look: Look
    digest: str | None


class Missing:
    """The files of an export that are not where they were laid, by all that may tell them."""

    def __init__(self, files: Iterable[Exported], originals: Mapping[bytes, Look]) -> None:
        """``originals`` are those that are still there, by their paths."""
        self._by_path: Finder = {}
        self._by_original: Finder = {}
        self._by_copy: Finder = {}
        self._by_digest: Finder = {}
        for file in files:
            self._by_path.setdefault(file.path, []).append(file)
            self._by_digest.setdefault(file.digest, []).append(file)
            laid = (file.laid_inode, file.size, file.laid_mtime_ns)
            self._by_copy.setdefault(laid, []).append(file)
            original = originals.get(file.path)
            if file.linked and original is not None:
                self._by_original.setdefault((original.device, original.inode), []).append(file)

    def recognise(self, stranger: Stranger) -> tuple[Exported, ...]:
        """The files that a stranger may be; all of them are kept where it may be several.

        Its name tells best; then that it is the same file as an original, or as what was laid; then bytes.
        """
        look = stranger.look
        path = path_of(stranger.place.rpartition(b"/")[2])
        return tuple(
            self._by_path.get(path)
            or self._by_original.get((look.device, look.inode))
            or self._by_copy.get((look.inode, look.size, look.mtime_ns))
            or self._by_digest.get(stranger.digest)
            or ()
        )
