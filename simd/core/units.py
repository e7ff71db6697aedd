"""Which files of a folder belong to a picture: raw files, the videos of Live Photos, sidecars.

Names are compared without regard to ASCII case. A companion may have several owners, such as the HEIC and
the JPEG of one shot, and a sidecar may describe companions besides; it leaves only with all of them. A file
that is wrongly left behind is a nuisance, one that is wrongly taken along is missed by whatever stays: so
what could belong to something that stays, stays.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from simd.core.actions.model import Companion
from simd.core.actions.words import CompanionRole
from simd.core.moments import Moment, same_moment
from simd.core.takeout import cut_names, described_names

RAW_EXTENSIONS = frozenset(
    b".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf .pef"
    b" .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f".split()
)
"""Endings, in lower case and with the dot, of what cameras write without developing it."""

VIDEO_EXTENSIONS = frozenset({b".mov", b".mp4", b".m4v"})
"""Endings of the moving half of a Live Photo."""

SIDECAR_EXTENSIONS = frozenset({b".xmp", b".aae", b".json"})
"""Endings of files about another file."""

LONGEST_LIVE = 10.0
"""Seconds that the video of a Live Photo lasts at most: phones record three. Longer ones are films."""

_ROLES = {
    **dict.fromkeys(RAW_EXTENSIONS, CompanionRole.RAW),
    **dict.fromkeys(VIDEO_EXTENSIONS, CompanionRole.VIDEO),
    **dict.fromkeys(SIDECAR_EXTENSIONS, CompanionRole.SIDECAR),
}
_COMPANION = re.compile(rb"\.(?:%s)(?:/|\Z)" % b"|".join(ending[1:] for ending in _ROLES))
"""What the end of a companion's name looks like, among names that are parted by slashes."""

_CAMERA_EDITS = b"img_o"
"""``IMG_O1234.AAE`` holds the edits that the camera itself made to ``IMG_1234``, as to a portrait."""

_PLAIN = b"img_"


@dataclass(frozen=True, slots=True)
class Belonging:
    """A file that belongs to pictures in its folder.

    Attributes:
        name: of the file.
        role: what it is to them.
        owners: the names of the pictures, one or more, in order.
        describes: the names of the raw files and videos that a sidecar is about as well, in order.
    """

    name: bytes
    role: CompanionRole
    owners: tuple[bytes, ...]
    describes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What a companion says of itself.

    Attributes:
        moment: when it was taken, or when the picture was that it describes; None where it does not say.
        seconds: how long a video lasts; None where it does not say.
    """

    moment: Moment | None = None
    seconds: float | None = None


_SILENT = Telling()


def belongings(names: Iterable[bytes], pictures: AbstractSet[bytes]) -> list[Belonging]:
    """What belongs to the pictures of a folder, by name: raw files and videos first, then sidecars.

    Args:
        names: of all files in one folder.
        pictures: endings of pictures, in lower case and with the dot.
    """
    listed = list(names)
    # Most folders hold pictures alone, and there may be a thousand such.
    if not _COMPANION.search(b"/".join(listed).lower()):
        return []
    folder = _Folder(pictures)
    sidecars = [name for name in listed if folder.take(name) is CompanionRole.SIDECAR]
    return [*folder.media(), *_sidecars(folder, sidecars)]


def agreeing(
    found: Sequence[Belonging], taken: Mapping[bytes, Moment], told: Mapping[bytes, Telling]
) -> list[Belonging]:
    """What still belongs to the pictures when times are compared as well.

    A picture or a companion without a time agrees with everything. A sidecar that describes a raw file
    or a video which belongs to no picture by its time stays with it.

    Args:
        found: by name, raw files and videos before sidecars.
        taken: when the pictures were taken, where that is known.
        told: what the companions say, where they were asked.
    """
    kept: list[Belonging] = []
    strangers: set[bytes] = set()
    for each in found:
        fitting = _fitting(each, taken, told.get(each.name, _SILENT))
        if fitting is None or not strangers.isdisjoint(each.describes):
            strangers.add(each.name)
        else:
            kept.append(fitting)
    return kept


def leaving(found: Iterable[Belonging], pictures: Collection[bytes]) -> list[Belonging]:
    """What leaves when these pictures of the folder do: what belongs to none that stays.

    Args:
        found: raw files and videos before sidecars.
        pictures: the names of those that leave.
    """
    going = set(pictures)
    gone: list[Belonging] = []
    for each in found:
        if going.issuperset(each.owners) and going.issuperset(each.describes):
            going.add(each.name)
            gone.append(each)
    return gone


def counterparts(
    companions: Sequence[Companion], beside_keeper: Sequence[Companion]
) -> dict[bytes, Companion]:
    """Which companions have one beside the keeper that may hold the same bytes.

    Two go together when they have the same role, ending and size. Where several have, they are paired in
    the order of their names, each with one other.

    Args:
        companions: of a picture that leaves.
        beside_keeper: those of the picture that stays instead.

    Returns:
        By the path of the one that leaves; whoever relies on it compares the bytes.
    """
    waiting: dict[tuple[CompanionRole, bytes, int], list[Companion]] = {}
    for each in sorted(beside_keeper, key=_path, reverse=True):
        waiting.setdefault(_likeness(each), []).append(each)
    paired: dict[bytes, Companion] = {}
    for each in sorted(companions, key=_path):
        if others := waiting.get(_likeness(each)):
            paired[each.path] = others.pop()
    return paired


class _Folder:
    """Pictures, raw files and videos of one folder, by their names in lower case."""

    def __init__(self, pictures: AbstractSet[bytes]) -> None:
        self._endings = pictures
        self._pictures: dict[bytes, list[bytes]] = {}
        self._others: dict[bytes, list[bytes]] = {}

    def take(self, name: bytes) -> CompanionRole | None:
        """Take a file in, unless it is about others; its role."""
        stem, ending = _parted(name)
        role = _ROLES.get(ending)
        if ending in self._endings:
            self._pictures.setdefault(stem, []).append(name)
        elif role is not None and role is not CompanionRole.SIDECAR:
            self._others.setdefault(stem, []).append(name)
        return role

    def media(self) -> Iterator[Belonging]:
        """The raw files and videos that have the stem of a picture."""
        found = [
            Belonging(name, _ROLES[_parted(name)[1]], self.pictures(stem))
            for stem, names in self._others.items()
            if stem in self._pictures
            for name in names
        ]
        yield from sorted(found, key=lambda each: each.name)

    def pictures(self, stem: bytes) -> tuple[bytes, ...]:
        """The pictures with a stem, in order."""
        return tuple(sorted(self._pictures.get(stem, ())))

    def stemmed(self, stem: bytes) -> list[bytes]:
        """Everything with a stem."""
        return [*self._pictures.get(stem, ()), *self._others.get(stem, ())]

    def called(self, name: bytes) -> Sequence[bytes]:
        """The files with a whole name, in whatever case."""
        return self._named.get(name, ())

    def cut_to(self, name: bytes) -> Sequence[bytes]:
        """The files whose names were cut to this one."""
        return self._cut.get(name, ())

    @cached_property
    def _named(self) -> Mapping[bytes, Sequence[bytes]]:
        named: dict[bytes, list[bytes]] = {}
        for name in chain.from_iterable((*self._pictures.values(), *self._others.values())):
            named.setdefault(name.lower(), []).append(name)
        return named

    @cached_property
    def _cut(self) -> Mapping[bytes, Sequence[bytes]]:
        cut: dict[bytes, list[bytes]] = {}
        for lowered, names in self._named.items():
            for short in cut_names(lowered):
                cut.setdefault(short, []).extend(names)
        return cut

    def is_picture(self, name: bytes) -> bool:
        """Whether a file is a picture, by its ending."""
        return _parted(name)[1] in self._endings


def _sidecars(folder: _Folder, names: Iterable[bytes]) -> Iterator[Belonging]:
    for name in sorted(names):
        subjects = _subjects(folder, name)
        about = [each for each in subjects if not folder.is_picture(each)]
        owners = subjects.difference(about).union(*(folder.pictures(_parted(each)[0]) for each in about))
        if owners:
            yield Belonging(name, CompanionRole.SIDECAR, tuple(sorted(owners)), tuple(sorted(about)))


def _subjects(folder: _Folder, name: bytes) -> set[bytes]:
    """The pictures, raw files and videos that a sidecar is about, by its name."""
    inner, ending = _parted(name)
    subjects = {*folder.stemmed(inner), *folder.called(inner)}
    if ending == b".aae" and inner.startswith(_CAMERA_EDITS):
        subjects.update(folder.stemmed(_PLAIN + inner.removeprefix(_CAMERA_EDITS)))
    if ending == b".json":
        for whole in described_names(inner):
            subjects.update(folder.called(whole))
        subjects.update(folder.cut_to(inner))
    return subjects


def _fitting(each: Belonging, taken: Mapping[bytes, Moment], telling: Telling) -> Belonging | None:
    """With the owners whose time agrees; None where there are none."""
    if telling.seconds is not None and telling.seconds > LONGEST_LIVE:
        return None
    moment = telling.moment
    if moment is None:
        return each
    owners = tuple(owner for owner in each.owners if owner not in taken or same_moment(moment, taken[owner]))
    return replace(each, owners=owners) if owners else None


def _likeness(each: Companion) -> tuple[CompanionRole, bytes, int]:
    return each.role, _parted(each.path)[1], each.stamp.size


def _path(each: Companion) -> bytes:
    return each.path


def _parted(name: bytes) -> tuple[bytes, bytes]:
    """Stem and ending, with its dot, both in lower case."""
    lowered = name.lower()
    dot = lowered.rfind(b".")
    return (lowered, b"") if dot <= 0 else (lowered[:dot], lowered[dot:])
