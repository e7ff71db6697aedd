"""Whether a sweep of a root can be believed: missing is not deleted.

A disk that is not mounted looks like a folder whose pictures were all deleted. What a sweep
did not find is therefore believed only when the root is still the one that was enrolled.
"""

from dataclasses import dataclass

FEW_ROWS = 100
"""Up to this many catalogued files, losing most of them at once is an ordinary clean-up."""


@dataclass(frozen=True, slots=True)
class RootIdentity:
    """What tells one folder from another at the same path: ``st_dev`` and ``st_ino``."""

    device: int
    inode: int


def guard(
    enrolled: RootIdentity, present: RootIdentity | None, *, rows: int, files: int, missing: int
) -> str | None:
    """Why the root must count as offline, or None when what the sweep found is believable.

    A root whose device number changed while most of its catalogued files are in their places
    is the same library on a renumbered disk: it is believed, and the caller enrols the new identity.

    Args:
        enrolled: the identity that the catalogue remembers.
        present: the identity found now, None when no folder can be reached.
        rows: files that the catalogue holds as present below the root.
        files: supported files that the sweep saw.
        missing: how many of ``rows`` the sweep did not see.
    """
    if present is None:
        return "the folder is not there or cannot be reached"
    if rows and not files:
        return f"no picture was found in the folder, and the catalogue knows {_files(rows)} in it"
    mostly_gone = missing * 2 > rows
    if present != enrolled and mostly_gone:
        return "another folder stands in its place; its disk may not be mounted"
    if rows > FEW_ROWS and mostly_gone:
        return f"{missing:,} of {_files(rows)} vanished at once"
    return None


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
