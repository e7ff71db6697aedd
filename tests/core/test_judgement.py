"""What a closer look comes to, from its measures alone."""

from dataclasses import replace

import pytest

from simd.core.alterations import Fit
from simd.core.judgement import FineLook, Judgement, Make, PairLook, contradicts, judge, look_at_pair

ALIKE = FineLook(
    ssim=0.97,
    coarse_ssim=0.999,
    mean_difference=1.5,
    worst_block=4.0,
    colour_difference=0.6,
    tint_difference=0.5,
    lightness_difference=0.1,
    contrast_difference=0.2,
    sharpness_a=300.0,
    sharpness_b=290.0,
    changed=0.0,
    fit=None,
    dhash=0,
    ahash=0,
    whash=0,
    colorhash=0,
)
CAMERA = Make(4000, 3000, 4_000_000, "JPEG")
AT_HOME = Fit(0.9, 1.0, moved=False)
AWAY = Fit(0.95, 0.91, moved=True)
NOWHERE = Fit(0.3, 0.7, moved=True)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (Judgement.SAME, {}),
        (Judgement.ALTERED, {"changed": 1 / 256}),
        (Judgement.ALTERED, {"changed": 0.3, "fit": AT_HOME}),
        (Judgement.ALTERED, {"coarse_ssim": 0.96, "fit": AT_HOME}),
        (Judgement.REFRAMED, {"changed": 0.5, "fit": AWAY}),
        (Judgement.REFRAMED, {"coarse_ssim": 0.96, "fit": AWAY}),
        (Judgement.DIFFERENT, {"changed": 0.9, "fit": NOWHERE}),
        (Judgement.RECOLOURED, {"tint_difference": 8.0}),
        (Judgement.RECOLOURED, {"tint_difference": 8.0, "contrast_difference": 5.0}),
        (Judgement.TONED, {"contrast_difference": 9.0, "coarse_ssim": 0.9, "fit": AT_HOME}),
        (Judgement.TONED, {"tint_difference": 8.0, "contrast_difference": 9.0}),
    ],
)
def test_the_judgement_follows_from_what_differs(expected: Judgement, changes: dict[str, object]) -> None:
    """What has moved goes before what was recoloured, and that before tones; a stranger is a stranger."""
    look = replace(ALIKE, **changes)  # type: ignore[arg-type]  # each of its field's type
    assert expected is judge(look, CAMERA, CAMERA).judgement


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ("same picture", CAMERA),
        ("same picture, smaller, stronger compression", Make(2000, 1500, 500_000, "JPEG")),
        ("same picture, smaller", Make(2000, 1500, 1_000_000, "JPEG")),
        ("same picture, larger, stronger compression", Make(8000, 6000, 8_000_000, "JPEG")),
        ("same picture, weaker compression", Make(4000, 3000, 8_000_000, "JPEG")),
        ("same picture, stored without loss", Make(4000, 3000, 20_000_000, "PNG")),
    ],
)
def test_the_words_say_what_the_second_is_as_against_the_first(expected: str, other: Make) -> None:
    """Size by the pixels, compression by bytes for each pixel."""
    assert expected == judge(ALIKE, CAMERA, other).words


def test_the_words_name_what_is_lost_and_what_is_coloured_anew() -> None:
    """Of a picture that was stored without loss, and of one in which something moved besides."""
    scan = Make(4000, 3000, 20_000_000, "PNG")
    assert "same picture, stored with loss" == judge(ALIKE, scan, CAMERA).words
    both = replace(ALIKE, changed=0.05, tint_difference=8.0)
    assert "same scene, something moved or was retouched, recoloured" == judge(both, CAMERA, CAMERA).words


def test_the_words_name_tone_and_sharpness() -> None:
    """Which way the light went, and which of the two is sharper."""
    darker = replace(ALIKE, contrast_difference=9.0, lightness_difference=-8.5)
    assert "same picture, darker" == judge(darker, CAMERA, CAMERA).words
    assert "same picture, lighter" == judge(replace(darker, lightness_difference=8.5), CAMERA, CAMERA).words
    flatter = replace(darker, lightness_difference=1.0)
    assert "same picture, other contrast" == judge(flatter, CAMERA, CAMERA).words
    blurred = judge(replace(ALIKE, sharpness_b=100.0), CAMERA, CAMERA)
    assert ("same picture, less sharp", "a") == (blurred.words, blurred.sharper)
    crisp = judge(replace(ALIKE, sharpness_a=100.0), CAMERA, CAMERA)
    assert ("same picture, sharper", "b") == (crisp.words, crisp.sharper)
    assert judge(ALIKE, CAMERA, CAMERA).sharper is None


def test_words_of_strangers_compare_nothing() -> None:
    """Another picture is not smaller or sharper than this one."""
    look = replace(ALIKE, changed=0.9, fit=NOWHERE, sharpness_b=1.0)
    assert "another picture" == judge(look, CAMERA, Make(10, 10, 50, "PNG")).words


def test_a_look_is_kept_from_both_sides() -> None:
    """Whichever was looked at first: either has the words that say what it is as against the other."""
    look = replace(ALIKE, contrast_difference=9.0, lightness_difference=-8.5, sharpness_b=100.0)
    web = Make(2000, 1500, 500_000, "JPEG")
    back = replace(ALIKE, contrast_difference=9.0, lightness_difference=8.5, sharpness_a=100.0)
    back = replace(back, sharpness_b=ALIKE.sharpness_a)
    smaller = "same picture, darker, smaller, stronger compression, less sharp"
    larger = "same picture, lighter, larger, weaker compression, sharper"
    expected = PairLook(3, 7, Judgement.TONED, larger, smaller)
    assert expected == look_at_pair(look, (3, CAMERA), (7, web))
    assert expected == look_at_pair(back, (7, web), (3, CAMERA))
    assert (True, larger, smaller) == (expected.doubtful, expected.words_of(3), expected.words_of(7))


@pytest.mark.parametrize("judgement", Judgement)
def test_only_the_same_picture_agrees_with_near_hashes(judgement: Judgement) -> None:
    """Near by hashes and not the same is doubtful, and so is the same and not near."""
    same = judgement is Judgement.SAME
    assert (not same) is contradicts(judgement, near=True)
    assert same is contradicts(judgement, near=False)
