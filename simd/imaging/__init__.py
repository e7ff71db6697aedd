"""Files to signatures: the owner of Pillow, pillow-heif, imagehash and the worker processes."""

from simd.core.judgement import FineLook
from simd.imaging.forking import begin_fork_server
from simd.imaging.outcome import AlreadyKnown, Changed, Decoded, Framed, Outcome, Refused
from simd.imaging.pool import DecodePool, Limits
from simd.imaging.recipe import RECIPE, SUPPORTED_EXTENSIONS

__all__ = [
    "RECIPE",
    "SUPPORTED_EXTENSIONS",
    "AlreadyKnown",
    "Changed",
    "DecodePool",
    "Decoded",
    "FineLook",
    "Framed",
    "Limits",
    "Outcome",
    "Refused",
    "begin_fork_server",
]
