"""Which folders may be watched together."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from simd.config.faults import Fault, Place
from simd.config.units import folder
from simd.core.protection import lies_within


def resolve(root: bytes) -> bytes:
    """The folder itself, symbolic links followed as far as they exist: a link cannot be watched."""
    return os.path.realpath(root)


def check_roots(roots: object, state_dir: Path, place: Place) -> list[Fault]:
    """What keeps these folders from being watched together.

    A root inside another would be read twice; a root inside the state folder would be
    simd's own files. The state folder may lie inside a root: it is passed over there.

    Args:
        roots: as the file or the flags give them; entries that are no paths are passed over.
        state_dir: the state folder in use.
        place: where a key was written.
    """
    known = dict(_paths(roots))
    own = resolve(os.fsencode(state_dir))
    faults = []
    for position, root in known.items():
        if lies_within(root, own):
            message = f"{shown(root)} lies in the state folder {state_dir}"
            faults.append(_fault(position, message, "choose another state folder", place))
        elif os.path.lexists(root) and not os.path.isdir(root):  # noqa: PTH112 - a root is bytes
            faults.append(_fault(position, f"{shown(root)} is not a folder", "name a folder", place))
    for (first, a), (second, b) in combinations(known.items(), 2):
        if a == b:
            message = f"{shown(b)} is given twice (symbolic links are followed)"
            faults.append(_fault(second, message, "keep one of them", place))
        elif lies_within(a, b) or lies_within(b, a):
            inner, outer, position = (b, a, second) if lies_within(b, a) else (a, b, first)
            message = f"{shown(inner)} lies in {shown(outer)}, which is watched too"
            faults.append(_fault(position, message, "keep the outer folder", place))
    return faults


def _paths(roots: object) -> Iterator[tuple[int, bytes]]:
    for position, root in enumerate(roots if isinstance(roots, list | tuple) else ()):
        with suppress(ValueError):  # the schema reports what is no path
            yield position, resolve(folder(root))


def shown(path: bytes) -> str:
    """A path as text, with escapes where it is none."""
    return path.decode(errors="backslashreplace")


def _fault(position: int, message: str, hint: str, place: Place) -> Fault:
    return Fault(f"roots[{position}]", message, hint, place(("roots", position)))
