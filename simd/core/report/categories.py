"""How sure a group is, told from the group alone."""

from simd.core.answers import Category, Group, MatchKind


def category_of(group: Group) -> Category:
    """Identical for equal bytes; doubtful when a member is recoloured or edited; near otherwise."""
    if group.kind is MatchKind.IDENTICAL:
        return Category.IDENTICAL
    return Category.DOUBTFUL if any(member.tags for member in group.members) else Category.NEAR
