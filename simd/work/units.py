"""What belongs to a picture and goes where it goes: raw files, the videos of Live Photos, sidecars."""

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from simd.core.actions.model import Companion
from simd.core.actions.words import CompanionRole
from simd.core.model import Stamp
from simd.core.moments import Moment, moment_of
from simd.core.protection import lies_within
from simd.core.skipping import SkipRules
from simd.core.units import Belonging, Telling, agreeing, belongings, leaving
from simd.imaging.shottime import tell

Pictures = Sequence[tuple[bytes, str | None]]
"""Absolute paths, each with the time at which the picture was taken as the catalogue has it."""

_Taken = dict[bytes, str | None]
"""The pictures of one folder that are asked about: their names and times, in the order of asking."""

_Found = list[tuple[Belonging, Companion]]


class Units:
    """Finds companions on the disk, as they are at that moment. Any thread may ask.

    A folder is listed once for each call, and only files whose name fits are opened, and those only where
    there is a time to compare with, and videos. A folder of 50,000 names takes a quarter of a second to a
    second and a half for one picture, see docs/decisions/0029-units.md.
    """

    def __init__(
        self, skip: SkipRules, extensions: AbstractSet[bytes], roots: Callable[[], Iterable[bytes]]
    ) -> None:
        """Look at nothing yet.

        Args:
            skip: what simd leaves alone is no companion, though it may own some.
            extensions: endings of pictures, in lower case and with the dot.
            roots: gives the watched folders.
        """
        self._skip = skip
        self._extensions = extensions
        self._roots = roots

    def companions_of(self, pictures: Pictures) -> Mapping[bytes, Sequence[Companion]]:
        """What leaves when all these pictures do, each companion under one picture.

        A companion that belongs to another picture in its folder as well is left out, unless that one leaves
        too; then it stands under the first of them as they are given here.

        Returns:
            By the path of the picture, raw files and videos before sidecars. A picture is missing if its
            folder cannot be listed: then nobody knows what belongs to it.
        """
        answer: dict[bytes, list[Companion]] = {}
        for folder, taken, found in self._folders(pictures):
            answer.update({folder + name: [] for name in taken})
            if not found:
                continue
            going = {each.name for each in leaving((each for each, _ in found), taken)}
            order = {name: place for place, name in enumerate(taken)}
            for each, companion in found:
                if each.name in going:
                    first = min(each.owners, key=order.__getitem__)
                    answer[folder + first].append(companion)
        return answer

    def beside(self, pictures: Pictures) -> Mapping[bytes, Sequence[Companion]]:
        """All that belongs to each picture, also what belongs to others besides.

        Returns:
            As :meth:`companions_of`, but a companion stands under every picture that it belongs to.
        """
        answer: dict[bytes, list[Companion]] = {}
        for folder, taken, found in self._folders(pictures):
            answer.update({folder + name: [] for name in taken})
            for each, companion in found:
                for owner in each.owners:
                    if owner in taken:
                        answer[folder + owner].append(companion)
        return answer

    def _folders(self, pictures: Pictures) -> Iterator[tuple[bytes, _Taken, _Found]]:
        """The folders of the pictures that can be listed, with a slash, each with what belongs to them."""
        folders: defaultdict[bytes, _Taken] = defaultdict(dict)
        for path, taken_at in pictures:
            start = path.rfind(b"/") + 1
            folders[path[:start]][path[start:]] = taken_at
        for folder, taken in folders.items():
            try:
                yield folder, taken, self._found(folder, taken)
            except OSError:
                continue  # a picture without an entry says so to whoever asked

    def _found(self, folder: bytes, taken: _Taken) -> _Found:
        names = os.listdir(folder)  # noqa: PTH208 - pathlib does not take bytes
        root = next((root for root in self._roots() if lies_within(folder.rstrip(b"/"), root)), b"/")
        by_name = [
            each
            for each in belongings(names, self._extensions)
            if any(owner in taken for owner in each.owners)
            and not self._skip.skips_file(folder + each.name, each.name, root)
        ]
        if not by_name:
            return []
        stamps = {each.name: stamp for each in by_name if (stamp := _stamp(folder + each.name)) is not None}
        # A sidecar of what is skipped, or is no regular file, stays with it: see `leaving`.
        there = [each for each in by_name if each.name in stamps]
        moments = {name: moment for name, text in taken.items() if (moment := moment_of(text)) is not None}
        fitting = agreeing(there, moments, _told(folder, there, moments))
        return [(each, Companion(folder + each.name, each.role, stamps[each.name])) for each in fitting]


def _told(folder: bytes, found: Iterable[Belonging], moments: Mapping[bytes, Moment]) -> dict[bytes, Telling]:
    """What the files say whose pictures have a time; a video may be too long for any picture."""
    return {
        each.name: tell(folder + each.name)
        for each in found
        if each.role is CompanionRole.VIDEO or any(owner in moments for owner in each.owners)
    }


def _stamp(path: bytes) -> Stamp | None:
    """The stamp of a regular file; None for anything else, links too, and for what has gone meanwhile."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return Stamp.of(found) if stat.S_ISREG(found.st_mode) else None
