"""What belongs to a picture and goes where it goes: raw files, the videos of Live Photos, sidecars."""

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass

from simd.core.actions.model import Companion
from simd.core.actions.words import CompanionRole
from simd.core.moments import Moment, moment_of
from simd.core.protection import lies_within
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.core.units import Belonging, Telling, agreeing, belongings, leaving
from simd.imaging.shottime import tell

Pictures = Sequence[tuple[bytes, str | None]]
"""Absolute paths, each with the time at which the picture was taken as the catalogue has it."""

_Taken = dict[bytes, str | None]
"""The pictures of one folder that are asked about: their names and times, in the order of asking."""

_Companions = tuple[Belonging, Companion]


@dataclass(frozen=True, slots=True)
class Found:
    """What belongs to pictures.

    Attributes:
        companions: by the path of the picture, raw files and videos before sidecars; what has none is left
            out.
        unseen: folders, with a slash, that cannot be listed, or whose files cannot be looked at: nobody knows
            what belongs to pictures there.
    """

    companions: Mapping[bytes, Sequence[Companion]]
    unseen: Collection[bytes]


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

    def companions_of(self, pictures: Pictures) -> Found:
        """What leaves when all these pictures do, each companion under one picture.

        A companion that belongs to another picture in its folder as well is left out, unless that one leaves
        too; then it stands under the first of them as they are given here.
        """
        named, unseen = self._named(pictures)
        answer: defaultdict[bytes, list[Companion]] = defaultdict(list)
        for folder, taken in _taken_in(named, pictures).items():
            try:
                found = self._found(folder, taken, named[folder])
            except OSError:
                unseen.add(folder)
                continue
            going = {each.name for each in leaving((each for each, _ in found), taken)}
            order = {name: place for place, name in enumerate(taken)}
            for each, companion in found:
                if each.name in going:
                    first = min(each.owners, key=order.__getitem__)
                    answer[folder + first].append(companion)
        return Found(answer, unseen)

    def beside(self, pictures: Pictures) -> Mapping[bytes, Sequence[Companion]]:
        """All that belongs to each picture, also what belongs to others besides.

        Returns:
            By the path of the picture, as in :class:`Found`; a companion stands under every picture that it
            belongs to. What is in a folder that cannot be listed is not found.
        """
        named, _ = self._named(pictures)
        answer: defaultdict[bytes, list[Companion]] = defaultdict(list)
        for folder, taken in _taken_in(named, pictures).items():
            with suppress(OSError):
                for each, companion in self._found(folder, taken, named[folder]):
                    for owner in each.owners:
                        if owner in taken:
                            answer[folder + owner].append(companion)
        return answer

    def _named(self, pictures: Pictures) -> tuple[Mapping[bytes, Sequence[Belonging]], set[bytes]]:
        """What belongs to any picture by its name, by folders; and the folders that cannot be listed."""
        named, unseen = {}, set()
        for folder in dict.fromkeys([path[: path.rfind(b"/") + 1] for path, _ in pictures]):
            try:
                found = belongings(os.listdir(folder), self._extensions)  # noqa: PTH208 - pathlib does not take bytes
            except OSError:
                unseen.add(folder)
                continue
            if found:
                named[folder] = found
        return named, unseen

    def _found(self, folder: bytes, taken: _Taken, named: Sequence[Belonging]) -> Sequence[_Companions]:
        """What belongs to these pictures of a folder, out of what is named so.

        Raises:
            OSError: a file cannot be looked at.
        """
        root = next((root for root in self._roots() if lies_within(folder.rstrip(b"/"), root)), b"/")
        by_name = [
            each
            for each in named
            if any(owner in taken for owner in each.owners)
            and not self._skip.skips_file(folder + each.name, each.name, root)
        ]
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


def _taken_in(folders: Collection[bytes], pictures: Pictures) -> Mapping[bytes, _Taken]:
    """The pictures in some folders, in the order of asking."""
    found: dict[bytes, _Taken] = {folder: {} for folder in folders}
    if found:
        for path, taken_at in pictures:
            start = path.rfind(b"/") + 1
            if path[:start] in found:
                found[path[:start]][path[start:]] = taken_at
    return found
