"""The closer look at two files on the disk, beside decoding both: ``simctl compare``, and before acting.

All are measured by turns in one process, from the page cache, in processor time of one thread; the figures
are the medians. The yardstick decodes both files to the size that is looked at, and nothing else.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import thread_time

import numpy as np
from PIL import Image

from bench.photographs import KEPT, photographs
from bench.table import Options, Row
from simd.core.judgement import FineLook
from simd.core.ssim import structural_similarity
from simd.imaging.decode import load, luminance
from simd.imaging.finelook import DECODED_SIDE, LONGEST_SIDE, look

TURNS = 15
BAR = 2.0
YARDSTICK = "decode of both"


def run(_options: Options) -> Iterator[Row]:
    """Two photographs of a camera, one and its copy for the web, and two that are no larger than the look.

    The bar is for SSIM of photographs. The closer look has more to do, the most where the two are strangers.
    """
    camera, other = photographs(KEPT / "photographs", 2)
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        web, small = (_copy(camera, Path(scratch), side) for side in (2048, LONGEST_SIDE))
        pairs = {"two photographs, 12 MP": (camera, other), "12 MP and its copy of 3 MP": (camera, web)}
        for name, pair in pairs.items():
            yield from _measure(name, *pair, BAR)
        yield from _measure("two copies of 0.8 MP", small, small, None)


def _measure(name: str, a: Path, b: Path, bar: float | None) -> Iterator[Row]:
    one, other = os.fsencode(a), os.fsencode(b)
    found = look(one, other)
    assert isinstance(found, FineLook)
    whole, ssim, decode = _by_turns(
        lambda: look(one, other), lambda: _ssim_alone(a, b), lambda: [_decoded(path) for path in (a, b)]
    )
    yield Row(f"SSIM, {name}", ssim, "s", YARDSTICK, decode, bar, "SSIM alone, from the disk")
    yield Row(f"closer look, {name}", whole, "s", YARDSTICK, decode, None, "every measure, from the disk")


def _by_turns(*functions: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(TURNS):
        for function, spent in zip(functions, times, strict=True):
            begun = thread_time()
            function()
            spent.append(thread_time() - begun)
    return [median(spent) for spent in times]


def _decoded(path: Path) -> Image.Image:
    with path.open("rb") as stream:
        return load(stream, DECODED_SIDE).image


def _ssim_alone(a: Path, b: Path) -> float:
    pictures = [luminance(_decoded(path)) for path in (a, b)]
    for picture in pictures:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    frame = min(picture.width for picture in pictures), min(picture.height for picture in pictures)
    one, other = (np.asarray(each.resize(frame, Image.Resampling.LANCZOS)) for each in pictures)
    return structural_similarity(one, other)


def _copy(photograph: Path, folder: Path, side: int) -> Path:
    path = folder / f"{side}.jpg"
    with Image.open(photograph) as image:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image.save(path, quality=85)
    return path
