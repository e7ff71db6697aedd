"""Groups as the page shows them, and the pictures that it wants for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simd.catalogue import Snapshot
from simd.core.answers import Category, Change, Group
from simd.core.measures import greyish
from simd.core.model import FileState
from simd.core.report.categories import is_doubtful
from simd.core.report.differences import differences
from simd.core.report.value import Card
from simd.work.groupviews import GroupRows, portions, show_group
from simd.work.outlines import Outlines
from simd.work.report.order import Wanted

MEMBERS = 12
"""Files that a card shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card, and the pictures of its images."""

    card: Card
    wanted: Sequence[Wanted]


def show_cards(
    places: Sequence[int],
    outlines: Outlines,
    categories: Sequence[Category],
    changes: Mapping[int, Change],
    snapshot: Snapshot,
) -> Mapping[int, Shown]:
    """The cards of groups by their places; ``categories`` and ``changes`` go by places too."""
    found: dict[int, Shown] = {}
    remaining = iter(places)
    for portion in portions(outlines.groups[place] for place in places):
        rows = GroupRows.of(portion, snapshot, outlines.order)
        groups = [show_group(outline, rows, outlines.pairs, MEMBERS) for outline in portion]
        coloured = _coloured(groups, snapshot)
        for outline, group, place in zip(portion, groups, remaining, strict=False):
            card = _card(group, outline.files, categories[place], changes.get(place), coloured)
            found[place] = Shown(card, list(_wanted(card, rows)))
    return found


def _card(
    group: Group, files: int, category: Category, change: Change | None, coloured: Mapping[int, bool]
) -> Card:
    kept = coloured[group.keeper.id]
    return Card(
        group=group,
        category=category,
        change=change,
        differences=[
            (
                *differences(group.keeper, it.image, it.tags, (kept, coloured[it.image.id])),
                *([it.words] if it.doubtful and it.words else ()),
            )
            for it in group.members
        ],
        doubts=[is_doubtful(member) for member in group.members],
        hidden_members=files - len(group.members),
    )


def _coloured(groups: Sequence[Group], snapshot: Snapshot) -> Mapping[int, bool]:
    """Which of the images in some groups have colours."""
    thumbs = snapshot.thumbs({member.image.id for group in groups for member in group.members})
    return {image_id: not grey for image_id, grey in zip(thumbs, greyish(list(thumbs.values())), strict=True)}


def _wanted(card: Card, rows: GroupRows) -> Iterator[Wanted]:
    """The images of a card, each once, with a file that can be reached where there is one."""
    for image_id in dict.fromkeys(member.image.id for member in card.group.members):
        files = rows.ordered(image_id)
        at_hand = next((row for row in files if row.state is FileState.PRESENT), None)
        if at_hand is None:
            yield Wanted(image_id, files[0].path, None)
        else:
            yield Wanted(image_id, at_hand.path, at_hand.stamp)
