"""What a closer look at two pictures comes to, in words, and whether it contradicts their hashes.

Every threshold was measured; docs/decisions/0023-closer-look.md says how, and how often it errs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Answers name judgements, and whoever only reads answers does without NumPy, which is slow to import.
    from simd.core.alterations import Fit

MOST_TINT = 5.0
"""Mean difference of a* and b* up to which colours are the same: JPEG and WebP at their worst moved 4.4."""

MOST_CONTRAST = 3.0
"""Mean difference of L* up to which the tones are the same: no save, resize or blur moved it by 2.2."""

PARTLY = 0.10
"""Up to this share of changed blocks a part of the picture has changed, and nobody asks for the frame."""

LEAST_CORRELATION = 0.70
"""Correlation from which one picture lies within the other; of 189 pairs of strangers none had above 0.68."""

LEAST_COARSE = 0.975
"""SSIM of 32x32 pixels from which soft pictures, which have nothing for blocks to go by, are the same."""

SHARPER = 2.0
"""Ratio of the variances of the Laplacian from which one picture is called sharper; noise counts as well."""

COMPRESSED = 0.75
"""Ratio of bytes per pixel up to which one file is called more strongly compressed."""

SAME_SIZE = 0.98
"""Ratio of widths from which two pictures count as equally large."""

LOSSLESS = frozenset({"PNG", "BMP", "TIFF"})
LOSSY = frozenset({"JPEG", "MPO", "HEIF", "AVIF"})
"""Formats that always are one or the other, or nearly so; WebP and GIF are in neither."""


class Judgement(StrEnum):
    """What two pictures are to each other."""

    SAME = "same"
    TONED = "toned"
    RECOLOURED = "recoloured"
    ALTERED = "altered"
    REFRAMED = "reframed"
    DIFFERENT = "different"


_SAID = {
    Judgement.SAME: "same picture",
    Judgement.TONED: "same picture",
    Judgement.RECOLOURED: "recoloured",
    Judgement.ALTERED: "same scene, something moved or was retouched",
    Judgement.REFRAMED: "same scene, framed otherwise",
    Judgement.DIFFERENT: "another picture",
}


@dataclass(frozen=True, slots=True)
class FineLook:
    """How far two pictures are apart when their pixels are compared, in one frame of 1,024 or fewer.

    Attributes:
        ssim: structural similarity of the grey frames, 1 for equal ones.
        coarse_ssim: the same of 32x32 pixels, where only what is large counts.
        mean_difference: mean absolute difference of the RGB levels, 0 to 255.
        worst_block: the same in the worst of 16x16 blocks.
        colour_difference: mean difference of the colours, CIE76 in L*a*b*.
        tint_difference: the same without the lightness.
        lightness_difference: by how much the second is lighter on average, in L*.
        contrast_difference: mean difference of the lightness, whichever is lighter.
        sharpness_a, sharpness_b: variance of the Laplacian of the grey frames, in squared levels.
        changed: share of the blocks that show something else, 0 to 1.
        fit: how the one lies within the other; None where :func:`asks_for_fit` says no.
        dhash, ahash, whash, colorhash: bits in which the hashes of imagehash differ.
    """

    ssim: float
    coarse_ssim: float
    mean_difference: float
    worst_block: float
    colour_difference: float
    tint_difference: float
    lightness_difference: float
    contrast_difference: float
    sharpness_a: float
    sharpness_b: float
    changed: float
    fit: "Fit | None"
    dhash: int
    ahash: int
    whash: int
    colorhash: int


@dataclass(frozen=True, slots=True)
class Make:
    """What is known of a picture besides its pixels.

    Attributes:
        width, height: in pixels, upright.
        bytes: length of the file.
        format: Pillow's name of the format.
    """

    width: int
    height: int
    bytes: int
    format: str

    @property
    def density(self) -> float:
        """Bytes for each pixel."""
        return self.bytes / (self.width * self.height)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a closer look comes to.

    Attributes:
        judgement: in one word.
        words: what the second picture is as against the first: ``same picture, smaller``.
        sharper: ``a`` or ``b`` where one is clearly sharper in the common frame.
    """

    judgement: Judgement
    words: str
    sharper: str | None


@dataclass(frozen=True, slots=True)
class PairLook:
    """What is kept of a closer look at two images of the catalogue.

    Attributes:
        a, b: their ids, the smaller first.
        a_words, b_words: what either is as against the other.
    """

    a: int
    b: int
    judgement: Judgement
    a_words: str
    b_words: str

    @property
    def doubtful(self) -> bool:
        """Whether it contradicts the hashes, which call the pair near."""
        return contradicts(self.judgement, near=True)

    def words_of(self, image_id: int) -> str:
        """What one of the two is as against the other."""
        return self.a_words if image_id == self.a else self.b_words


def look_at_pair(look: FineLook, one: tuple[int, Make], other: tuple[int, Make]) -> PairLook:
    """What is to be kept of a look at two images, each with its id."""
    (a, a_make), (b, b_make) = one, other
    there, back = judge(look, a_make, b_make), judge(_turned(look), b_make, a_make)
    if a < b:
        return PairLook(a, b, there.judgement, back.words, there.words)
    return PairLook(b, a, there.judgement, there.words, back.words)


def _turned(look: FineLook) -> FineLook:
    """The same look, from the second picture to the first."""
    return replace(
        look,
        lightness_difference=-look.lightness_difference,
        sharpness_a=look.sharpness_b,
        sharpness_b=look.sharpness_a,
    )


def judge(look: FineLook, a: Make, b: Make) -> Sight:
    """Say what the second picture is as against the first.

    Args:
        look: at both.
        a: the first picture.
        b: the second.
    """
    judgement = _judgement(look)
    words = ", ".join([_SAID[judgement], *_particulars(judgement, look, a, b)])
    return Sight(judgement, words, _sharper(look))


def contradicts(judgement: Judgement, *, near: bool) -> bool:
    """Whether a closer look says otherwise than the hashes; such a pair is doubtful.

    Hashes call near what looks the same when it is small. Whatever is to be acted on without a person
    must be the same picture in full: not another exposure, not a retouched copy, not the next of a burst.

    Args:
        judgement: of the closer look.
        near: whether the hashes, and what is verified beside them, call the pair near-duplicates.
    """
    return near is not (judgement is Judgement.SAME)


def asks_for_fit(changed: float, coarse_ssim: float) -> bool:
    """Whether so much has changed that it matters if the one picture lies within the other."""
    return changed > PARTLY or coarse_ssim < LEAST_COARSE


def _judgement(look: FineLook) -> Judgement:
    if look.fit is not None:
        if look.fit.correlation < LEAST_CORRELATION:
            return Judgement.DIFFERENT
        if look.fit.moved:
            return Judgement.REFRAMED
    if look.changed > 0:
        return Judgement.ALTERED
    # What is darkened loses colour as well, so the larger difference names the pair.
    if look.tint_difference > max(MOST_TINT, look.contrast_difference):
        return Judgement.RECOLOURED
    if look.contrast_difference > MOST_CONTRAST:
        return Judgement.TONED
    return Judgement.SAME if look.coarse_ssim >= LEAST_COARSE else Judgement.ALTERED


def _particulars(judgement: Judgement, look: FineLook, a: Make, b: Make) -> Iterator[str]:
    if judgement is Judgement.DIFFERENT:
        return
    if look.contrast_difference > MOST_CONTRAST and judgement is not Judgement.REFRAMED:
        yield _tone(look)
    if judgement is Judgement.ALTERED and look.tint_difference > MOST_TINT:
        yield "recoloured"
    width = b.width / a.width
    if width < SAME_SIZE or width > 1 / SAME_SIZE:
        yield "smaller" if width < 1 else "larger"
    yield from _compression(a, b)
    if (sharper := _sharper(look)) is not None and judgement is not Judgement.REFRAMED:
        yield "sharper" if sharper == "b" else "less sharp"


def _tone(look: FineLook) -> str:
    # Where the one is lighter nearly everywhere, the mean with signs is nearly that without.
    if abs(look.lightness_difference) < look.contrast_difference / 2:
        return "other contrast"
    return "lighter" if look.lightness_difference > 0 else "darker"


def _compression(a: Make, b: Make) -> Iterator[str]:
    if a.format in LOSSLESS and b.format in LOSSY:
        yield "stored with loss"
    elif a.format in LOSSY and b.format in LOSSLESS:
        yield "stored without loss"
    elif b.density <= COMPRESSED * a.density:
        yield "stronger compression"
    elif a.density <= COMPRESSED * b.density:
        yield "weaker compression"


def _sharper(look: FineLook) -> str | None:
    if look.sharpness_a > SHARPER * look.sharpness_b:
        return "a"
    return "b" if look.sharpness_b > SHARPER * look.sharpness_a else None
