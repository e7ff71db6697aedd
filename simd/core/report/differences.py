"""How a duplicate differs from the picture that is kept, in few words."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from simd.core.answers import Image

SAME_PROPORTIONS = 0.01
"""Greatest relative difference of width to height that rounding to whole pixels explains."""

NEAR_FRACTION = 0.01
"""How near a scale must be to a simple fraction to be called by its name."""

PERCENT = 100
_TWICE = 2

_FRACTIONS = {
    Fraction(1, 4): "a quarter as wide",
    Fraction(1, 3): "a third as wide",
    Fraction(1, 2): "half as wide",
    Fraction(2, 3): "two thirds as wide",
    Fraction(3, 4): "three quarters as wide",
    Fraction(2): "twice as wide",
    Fraction(3): "three times as wide",
    Fraction(4): "four times as wide",
}


def differences(
    keeper: Image, member: Image, tags: Sequence[str], colours: tuple[bool, bool] = (True, True)
) -> tuple[str, ...]:
    """What tells a duplicate from the keeper; nothing when their bytes are equal.

    Args:
        keeper: the image that is kept.
        member: the duplicate.
        tags: what the pair of them was found to be: ``recoloured``, ``edited``.
        colours: whether the keeper has colours, and whether the duplicate has.

    Returns:
        Phrases about the duplicate such as ``half as wide``, ``JPEG instead of PNG``,
        ``62 % fewer bytes``, ``no date taken``, ``no colour``, and the tags.
    """
    if keeper.digest == member.digest:
        return ()
    return (
        *_of_colour(*colours),
        *_of_shape(keeper, member),
        *_of_file(keeper, member),
        *_of_origin(keeper, member),
        *tags,
    )


def _of_colour(kept: bool, found: bool) -> Iterator[str]:  # noqa: FBT001 - two sides of one question
    if kept != found:
        yield "in colour" if found else "no colour"


def _of_shape(keeper: Image, member: Image) -> Iterator[str]:
    if (member.width, member.height) == (keeper.width, keeper.height):
        return
    if _proportional(member.width, member.height, keeper):
        yield _scale(keeper.width, member.width)
    elif _proportional(member.height, member.width, keeper):
        yield "on its side"
        if member.height != keeper.width:
            yield _scale(keeper.width, member.height)
    else:
        yield "other proportions"


def _proportional(width: int, height: int, keeper: Image) -> bool:
    """Whether a size has the keeper's proportions, but for the rounding of a shorter side."""
    exact = width * keeper.height / keeper.width
    return abs(exact - height) <= max(1.0, SAME_PROPORTIONS * height)


def _scale(kept: int, found: int) -> str:
    for fraction, phrase in _FRACTIONS.items():
        if abs(found / kept - fraction) <= NEAR_FRACTION * fraction:
            return phrase
    return _more_or_less(kept, found, "wider", "narrower", "pixels")


def _of_file(keeper: Image, member: Image) -> Iterator[str]:
    if member.format != keeper.format:
        yield f"{member.format} instead of {keeper.format}"
    if member.bytes >= _TWICE * keeper.bytes:
        yield f"{member.bytes / max(1, keeper.bytes):.1f} times the bytes"
    elif member.bytes != keeper.bytes:
        yield _more_or_less(keeper.bytes, member.bytes, "more bytes", "fewer bytes", "")


def _more_or_less(kept: int, found: int, more: str, less: str, unit: str) -> str:
    """By how many percent one number differs from another, or by how much where that is less than one."""
    word = more if found > kept else less
    percent = round(PERCENT * abs(found - kept) / max(1, kept))
    if percent == 0:
        return " ".join(part for part in (f"{abs(found - kept):,}", unit, word) if part)
    return f"{min(percent, PERCENT - 1) if found < kept else percent} % {word}"


def _of_origin(keeper: Image, member: Image) -> Iterator[str]:
    if member.taken_at != keeper.taken_at:
        if member.taken_at is None:
            yield "no date taken"
        else:
            yield "a date taken" if keeper.taken_at is None else "another date taken"
    if member.camera != keeper.camera:
        if member.camera is None:
            yield "no camera named"
        else:
            yield "a camera named" if keeper.camera is None else "another camera"
