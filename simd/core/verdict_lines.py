"""Verdicts as lines of JSON, by which they travel between machines.

Kept light: the client loads it to look at a whole file before it sends any of it.
"""

import re
from datetime import UTC, datetime

KINDS = ("different", "series", "keep")

_FIELDS = frozenset({"verdict", "images", "since"})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def fault_in(entry: object) -> str | None:
    """What is wrong with a verdict that was read from JSON, in words; None when nothing is."""
    if not isinstance(entry, dict):
        return "this is no JSON object"
    for name in sorted(_FIELDS ^ entry.keys(), key=str):
        return f"{name} is {'missing' if name in _FIELDS else 'unknown'}"
    if entry["verdict"] not in KINDS:
        return f"verdict is not one of {', '.join(KINDS)}"
    return _fault_in_images(entry["verdict"], entry["images"]) or _fault_in_moment(entry["since"])


def _fault_in_images(verdict: str, images: object) -> str | None:
    wanted = 1 if verdict == "keep" else 2
    if not isinstance(images, list) or len(images) != wanted:
        return f"images is not a list of {wanted}, which {verdict} is about"
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in images):
        return "images holds something else than sha256: and 64 hex digits"
    if len(set(images)) < wanted:
        return "both images are the same"
    return None


def _fault_in_moment(since: object) -> str | None:
    try:
        if isinstance(since, str) and datetime.fromisoformat(since).utcoffset() is not None:
            moment_of(since)
            return None
    except (ValueError, OverflowError):
        pass
    return "since is not a moment like 2026-11-21T18:30:00+00:00"


def moment_of(since: str) -> datetime:
    """The moment of a verdict in UTC, to the second, which is how it is kept.

    Raises:
        ValueError, OverflowError: it is none.
    """
    return datetime.fromisoformat(since).astimezone(UTC).replace(microsecond=0)
