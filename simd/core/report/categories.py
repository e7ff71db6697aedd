"""How sure a group is, told from the group alone."""

from simd.core.answers import Category, Group, MatchKind, Member


def category_of(group: Group) -> Category:
    """Identical for equal bytes; doubtful when a member is; near otherwise."""
    if group.kind is MatchKind.IDENTICAL:
        return Category.IDENTICAL
    return Category.DOUBTFUL if any(map(is_doubtful, group.members)) else Category.NEAR


def is_doubtful(member: Member) -> bool:
    """Whether a member should be looked at before it is believed: by its hashes, or by a closer look."""
    return bool(member.tags) or member.doubtful
