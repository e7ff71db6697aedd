"""Why a unit of a plan must be left alone, as far as that is decided without a look at any file."""

from collections.abc import Mapping

from simd.core.actions.model import Unit
from simd.core.answers.likeness import MatchKind
from simd.core.display import display_path
from simd.core.protection import Protection
from simd.core.verdicts import GivenVerdict, Images, VerdictKind


def ground(unit: Unit, protection: Protection, verdicts: Mapping[Images, GivenVerdict]) -> str | None:
    """Why a person's decisions forbid a unit by now; None where they do not.

    Args:
        unit: of a plan, which may be older than the decisions.
        protection: what keeps its place.
        verdicts: all that stand.
    """
    for step in unit.steps:
        guardian = protection.guardian(step.file.path)
        if guardian is not None:
            return f"{display_path(guardian)} is protected."
    return None if unit.picture.kind is MatchKind.IDENTICAL else _verdict_against(unit, verdicts)


def _verdict_against(unit: Unit, verdicts: Mapping[Images, GivenVerdict]) -> str | None:
    """Why a verdict keeps a picture from giving way to one that only looks the same."""
    digest = unit.picture.file.digest
    if digest is None or unit.picture.keeper is None or unit.picture.keeper.digest is None:
        raise ValueError("a picture of a plan has a digest, and a keeper that has one")
    if (digest,) in verdicts:
        return "The picture is marked to be kept."
    images = sorted((digest, unit.picture.keeper.digest))
    verdict = verdicts.get((images[0], images[1]))
    if verdict is None:
        return None
    if verdict.kind is VerdictKind.SERIES:
        return "The picture and the one that is kept are marked as a series."
    return "The picture and the one that is kept are marked as different."
