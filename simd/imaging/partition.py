"""What parting pictures needs of each: a small grey frame, its shape, and the digest of its file."""

import hashlib

from PIL import Image

from simd.core.model import ProblemCode
from simd.core.partition import FRAME_SIDE
from simd.imaging.decode import load, luminance
from simd.imaging.outcome import Framed, Refusal, Refused, Vanished
from simd.imaging.source import Source

DECODED_SIDE = 2 * FRAME_SIDE
"""Pixels that the decoder leaves on the shorter side, so that the last step is a fine one."""

_CHUNK = 1024 * 1024


def frame(path: bytes) -> Framed | Refused:
    """The frame of one file; links are not followed."""
    stamp = None
    try:
        with Source(path) as source:
            stamp = source.stamp
            with source.stream() as stream:
                sha1 = hashlib.sha1(usedforsecurity=False)
                while chunk := stream.read(_CHUNK):
                    sha1.update(chunk)
                stream.seek(0)
                loaded = load(stream, DECODED_SIDE)
            if not source.unchanged():
                return Refused(ProblemCode.IO, "It changed while it was read.", stamp)
    except Vanished:
        return Refused(ProblemCode.IO, "It is not there.", stamp)
    except Refusal as refusal:
        return Refused(refusal.problem, refusal.reason, stamp)
    grey = luminance(loaded.image).resize((FRAME_SIDE, FRAME_SIDE), Image.Resampling.LANCZOS)
    return Framed(sha1.hexdigest(), grey.tobytes(), loaded.width / loaded.height)
