"""A group as the page shows it: a tile for each picture, with the files that hold it.

Copies with equal bytes share a tile, for there is nothing to compare between them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from markupsafe import Markup
from markupsafe import escape as markup_escape

from simd.core.answers import Category, Change, Image, Member
from simd.core.report.value import Card, Preview, PreviewKind, Report
from simd.render.report.links import file_url
from simd.render.report.wording import full_date, nearness
from simd.render.words import count, escape, size

MARK = "\0"
"""Cannot come from outside, for invisible characters are escaped everywhere."""

_BECAUSE = "keeper: "
_HALF_WIDTH_TILES = 2
_LONG_NAME = 18
_CHANGE_WORDS = {Change.APPEARED: "new", Change.GREW: "grew"}
_FALLBACK_SIZE = (4, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file: its name, its folder from the root on, and what is to be said of it."""

    name: Markup
    folder: str
    url: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a group.

    Attributes:
        source: stands for the address of the preview until it is known which ones fit.
        width, height: of the preview, in pixels, or else in the proportion of the picture.
        because: why this one is kept; empty for the others.
        tags: differences that call for a look; ``chips`` are the others.
    """

    source: Markup
    width: int
    height: int
    sketch: bool
    alt: str
    keep: bool
    nearness: str
    facts: str
    when: str
    because: str
    tags: Sequence[str]
    chips: Sequence[str]
    files: Sequence[FileLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """One group. ``shape`` names the classes of the style sheet that lay it out."""

    anchor: str
    title: Markup
    files: str
    saving: str
    change: str
    tiles: Sequence[Tile]
    hidden: int
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingView:
    """A row among the largest savings.

    Attributes:
        anchor: of its card; None when that is not on the page.
        percent: of the largest of the rows.
    """

    anchor: str | None
    name: Markup
    folder: str
    files: str
    category: Category
    percent: float
    saving: str


def view_savings(report: Report) -> Iterator[SavingView]:
    """The largest savings, in the order of the report."""
    shown = {anchor_of(card) for card in report.cards}
    largest = max((card.group.reclaimable_bytes for card in report.savings), default=0) or 1
    for card in report.savings:
        group, anchor = card.group, anchor_of(card)
        yield SavingView(
            anchor=anchor if anchor in shown else None,
            name=breakable(_name(group.path)),
            folder=_folder(group.members[0]),
            files=count(len(group.members) + card.hidden_members, "file"),
            category=card.category,
            percent=100 * group.reclaimable_bytes / largest,
            saving=size(group.reclaimable_bytes),
        )


def view_cards(cards: Sequence[Card], previews: Mapping[int, Preview]) -> Iterator[CardView]:
    """The cards in order. A small one whose neighbour is not as small takes the whole row."""
    tiles = [len(_by_image(card)) for card in cards]
    index = 0
    while index < len(cards):
        paired = tiles[index] <= _HALF_WIDTH_TILES and tiles[index : index + 2] == [tiles[index]] * 2
        for card in cards[index : index + 1 + paired]:
            yield _view(card, previews, half=paired)
        index += 1 + paired


def _view(card: Card, previews: Mapping[int, Preview], *, half: bool) -> CardView:
    group = card.group
    tiles = [_tile(card, part, previews) for part in _by_image(card)]
    return CardView(
        anchor=anchor_of(card),
        title=breakable(_name(group.path)),
        files=count(len(group.members) + card.hidden_members, "file"),
        saving=size(group.reclaimable_bytes),
        change=_CHANGE_WORDS.get(card.change, "") if card.change else "",
        tiles=tiles,
        hidden=card.hidden_members,
        shape=_shape(len(tiles), half=half),
    )


def _shape(tiles: int, *, half: bool) -> str:
    """How the card is laid out: its tiles, its share of a row, and whether words stand beside pictures."""
    number = {1: "one", 2: "two"}.get(tiles, "many")
    beside = ["beside"] if tiles == 1 or (tiles == _HALF_WIDTH_TILES and not half) else []
    return " ".join([number, *(["half"] if half else []), *beside])


def anchor_of(card: Card) -> str:
    """The name of the card within the page."""
    return f"group-{card.group.id}"


def _by_image(card: Card) -> list[list[int]]:
    """Places of the members, those of one image together, in the order of their first."""
    places: dict[int, list[int]] = {}
    for place, member in enumerate(card.group.members):
        places.setdefault(member.image.id, []).append(place)
    return list(places.values())


def _tile(card: Card, places: Sequence[int], previews: Mapping[int, Preview]) -> Tile:
    members = card.group.members
    first, image = members[places[0]], members[places[0]].image
    keep = places[0] == 0
    preview = previews.get(image.id)
    width, height = (preview.width, preview.height) if preview else _proportion(image)
    differences = dict.fromkeys(said for place in places for said in card.differences[place])
    tags = dict.fromkeys(tag for place in places for tag in members[place].tags)
    doubted = any(card.doubts[place] for place in places)
    return Tile(
        source=mark(image.id),
        width=width,
        height=height,
        sketch=preview is not None and preview.kind is PreviewKind.SKETCH,
        alt=f"{_name(first.path)}, {_pixels(image)} pixels",
        keep=keep,
        nearness="" if keep else nearness(first),
        facts=f"{_pixels(image)} · {image.format} · {size(image.bytes)}",
        when=_when(image),
        because=_because(members) if keep else "",
        tags=[*tags] or (["uncertain"] if doubted else []),
        chips=[said for said in differences if said not in tags],
        files=[_line(members[place], first=place == places[0]) for place in places],
    )


def _proportion(image: Image) -> tuple[int, int]:
    return (image.width, image.height) if image.width and image.height else _FALLBACK_SIZE


def _pixels(image: Image) -> str:
    return f"{image.width:,} × {image.height:,}"  # noqa: RUF001 - a times sign between numbers is meant


def _when(image: Image) -> str:
    taken = [f"taken {full_date(image.taken_at)}"] if image.taken_at else []
    changed = [f"changed {full_date(file.mtime)}" for file in image.files[:1] if not taken]
    camera = [image.camera] if image.camera else []
    return " · ".join([*taken, *changed, *camera])


def _because(members: Sequence[Member]) -> str:
    """The rules that chose the keeper, each once. Of equal copies the oldest is kept, if one is."""
    rules = dict.fromkeys(
        member.reason.removeprefix(_BECAUSE) for member in members[1:] if member.reason.startswith(_BECAUSE)
    )
    if rules:
        return ", ".join(rules)
    ages = [datetime.fromisoformat(file.mtime) for member in members for file in member.image.files[:1]]
    oldest = len(ages) == len(members) and all(ages[0] < age for age in ages[1:])
    return "the oldest copy" if oldest else "equal copies"


def _line(member: Member, *, first: bool) -> FileLine:
    return FileLine(
        name=breakable(_name(member.path)),
        folder=_folder(member),
        url=file_url(member.path, member.path_b64),
        note="" if first or member.reason.startswith(_BECAUSE) else member.reason,
    )


def _name(path: str) -> str:
    return PurePosixPath(path).name or path


def breakable(name: str) -> Markup:
    """The name, escaped; a long one may be broken after a hyphen or an underscore, and before its ending."""
    shown = markup_escape(escape(name))
    if len(name) <= _LONG_NAME:
        return shown
    chance = Markup("<wbr>")
    for sign in "_-":
        shown = shown.replace(sign, sign + chance)
    stem, dot, ending = shown.rpartition(".")
    return stem + chance + dot + ending


def _folder(member: Member) -> str:
    """The folder as people call it: from the last name of its root on."""
    parent = PurePosixPath(member.path).parent
    for file in member.image.files[:1]:
        root = PurePosixPath(file.root)
        if root.name and parent.is_relative_to(root):
            return str(root.name / parent.relative_to(root))
    return str(parent)


def mark(image_id: int) -> Markup:
    """What stands in the page for the address of a preview."""
    return Markup(f"{MARK}{image_id:d}{MARK}")  # noqa: S704 - a number between two NULs
