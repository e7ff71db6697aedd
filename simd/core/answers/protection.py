"""What is said of protection: files and folders that keep their place."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPath:
    """A file that keeps its place, or a folder with everything below it.

    Attributes:
        files: how many files of the catalogue it covers.
        since: when a person protected it; None where the settings do.
    """

    path: str
    path_b64: str | None = None
    files: int
    since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedList:
    """Everything that is protected, in order of the paths."""

    protected: Sequence[ProtectedPath]
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChanged:
    """Paths that are protected from now on, or are not any more; ``unchanged`` were so already."""

    changed: Sequence[ProtectedPath]
    unchanged: Sequence[ProtectedPath]
    generation: int
