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

_Companions = tuple[Belonging, Companion]


@dataclass(frozen=True, slots=True)
class Found:
    """What belongs to pictures.

    Attributes:
        companions: by the path of the picture, raw files and videos before sidecars; what has none is left
            out.
        unseen: folders, with a slash, that cannot be listed: nobody knows what belongs to pictures there.
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
        folders = _by_folder(pictures)
        unseen = set()
        answer: defaultdict[bytes, list[Companion]] = defaultdict(list)
        for folder, here in folders.items():
            try:
                taken, found = self._found(folder, here)
            except OSError:
                unseen.add(folder)
                continue
            going = {each.name for each in leaving((each for each, _ in found), taken)}
            order = {name: place for place, name in enumerate(taken)} if found else {}
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
        answer: defaultdict[bytes, list[Companion]] = defaultdict(list)
        for folder, here in _by_folder(pictures).items():
            with suppress(OSError):
                taken, found = self._found(folder, here)
                for each, companion in found:
                    for owner in each.owners:
                        if owner in taken:
                            answer[folder + owner].append(companion)
        return answer

    def _found(self, folder: bytes, pictures: Pictures) -> tuple[_Taken, Sequence[_Companions]]:
        """The pictures of a folder by their names, and what belongs to them; neither where nothing does."""
        named = belongings(os.listdir(folder), self._extensions)  # noqa: PTH208 - pathlib does not take bytes
        if not named:
            return {}, []
        taken = {path[len(folder) :]: taken_at for path, taken_at in pictures}
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
        return taken, [
            (each, Companion(folder + each.name, each.role, stamps[each.name])) for each in fitting
        ]


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


def _by_folder(pictures: Pictures) -> Mapping[bytes, Pictures]:
    """Pictures by their folders, with a slash, in the order of asking."""
    folders: defaultdict[bytes, list[tuple[bytes, str | None]]] = defaultdict(list)
    for picture in pictures:
        path = picture[0]
        folders[path[: path.rfind(b"/") + 1]].append(picture)
    return folders
