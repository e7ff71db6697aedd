"""Which groups get a card on the page: it would hold too many of them otherwise."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simd.core.answers import Category
from simd.work.outlines import Outline

SAVINGS = 10
"""How many of the largest savings are listed."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Groups by their places among all, the largest savings first.

    Attributes:
        savings: the groups that would free the most; each of them is also in one of the others.
        news: groups that appeared or grew, whatever their category.
        hidden_news: news that have no card.
        sections: the others by category; every category has an entry.
        hidden: groups of each category that have no card.
    """

    savings: Sequence[int]
    news: Sequence[int]
    hidden_news: int
    sections: Mapping[Category, Sequence[int]]
    hidden: Mapping[Category, int]

    @property
    def places(self) -> Sequence[int]:
        """All that have a card, in the order of the page."""
        return [*self.news, *(place for section in self.sections.values() for place in section)]


def select(
    groups: Sequence[Outline], categories: Sequence[Category], fresh: frozenset[int], most: int
) -> Selection:
    """Choose at most ``most`` groups.

    The largest savings have a card in any case. What is new comes before what is known. The rest of
    the room goes to the sections, the next card always to the one with the fewest, so that a
    thousand identical files do not hide the few that need a look.

    Args:
        groups: all, the largest savings first.
        categories: one for each.
        fresh: places of those that appeared or grew.
        most: how many cards there may be.
    """
    savings = [place for place, group in enumerate(groups[: min(SAVINGS, most)]) if group.reclaimable]
    room = most - len([place for place in savings if place not in fresh])
    news = sorted(fresh)[:room]
    known: dict[Category, list[int]] = {category: [] for category in Category}
    for place, category in enumerate(categories):
        if place not in fresh:
            known[category].append(place)
    counts = Counter(categories[place] for place in savings if place not in fresh)
    _share(most - len(news) - counts.total(), counts, {key: len(found) for key, found in known.items()})
    sections = {category: found[: counts[category]] for category, found in known.items()}
    shown = Counter(categories[place] for place in (*news, *(p for part in sections.values() for p in part)))
    everything = Counter(categories)
    return Selection(
        savings=savings,
        news=news,
        hidden_news=len(fresh) - len(news),
        sections=sections,
        hidden={category: everything[category] - shown[category] for category in Category},
    )


def _share(room: int, counts: Counter[Category], available: Mapping[Category, int]) -> None:
    """Raise the counts one by one, the smallest first, while there is room and something to show."""
    for _ in range(room):
        open_sections = [category for category in Category if counts[category] < available[category]]
        if not open_sections:
            return
        counts[min(open_sections, key=counts.__getitem__)] += 1
