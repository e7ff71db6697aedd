"""What runs in a worker process: its limits, its end, and the tasks themselves.

The daemon imports this module to name the tasks, and shall not carry Pillow, imagehash and PyWavelets
in its memory for that: they are imported within the functions. The fork server has imported
them already, see :data:`PRELOADED`.
"""

import gc
import logging
import os
import resource
import time
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from simd.core.judgement import FineLook
from simd.core.report.value import Preview
from simd.core.stamp import Stamp
from simd.imaging.outcome import Changed, Framed, Outcome, Refused
from simd.runtime.parenthood import leave_with_parent
from simd.runtime.priority import give_way

T = TypeVar("T")

log = logging.getLogger(__name__)

PRELOADED = (
    "simd.imaging.worker",
    "simd.imaging.signature",
    "simd.imaging.finelook",
    "simd.imaging.partition",
    "simd.imaging.preview",
    "pywt",
    "PIL.TiffImagePlugin",
    "PIL.AvifImagePlugin",
)
"""Modules that the fork server imports, once for all workers; the first picture waits for that.

SciPy is not among them. It takes nearly as long as all of these together, and imagehash needs it only for
pictures whose bits are in doubt: flat ones, and those that are their own mirror image. A worker that
meets one imports it, and carries its 20 MB from then on.
"""

_OPEN_FILES = 64


_refused: tuple[str, ...] = ()
"""What the system did not allow this worker."""


def prepare(memory_bytes: int) -> None:
    """Make this process a worker: polite, bounded, and gone when its parent is."""
    global _refused  # noqa: PLW0603 - a process is one worker
    leave_with_parent()
    _refused = give_way()
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    # One process per core already; a decoder's own threads would only get in each other's way.
    from PIL import AvifImagePlugin  # noqa: PLC0415  # see the module's docstring

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # Pillow warns of oddities within files; each file ends as a signature or with a reason anyway.
    warnings.simplefilter("ignore")
    gc.freeze()


def run_all(
    calls: Sequence[tuple[Callable[..., T], tuple[object, ...], float]],
) -> list[tuple[T, float, float]]:
    """Run tasks one after another; each result with the seconds that it took, and those of the processor.

    Args:
        calls: function, arguments and deadline of each task, see :func:`run`.
    """
    return [_timed(*call) for call in calls]


def _timed(
    function: Callable[..., T], arguments: tuple[object, ...], seconds: float
) -> tuple[T, float, float]:
    began, used = time.perf_counter(), time.process_time()
    result = run(function, arguments, seconds)
    return result, time.perf_counter() - began, time.process_time() - used


def run(function: Callable[..., T], arguments: tuple[object, ...], seconds: float) -> T:
    """Run a task that may take so many seconds of processor time.

    The pool's own deadline comes first. This limit ends a task whose parent was killed while
    it was within a library that keeps the interpreter from noticing.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    _set_limit(resource.RLIMIT_CPU, (int(spent + seconds) + 2, most))
    return function(*arguments)


def warm_up() -> tuple[str, ...]:
    """Load what the first picture would otherwise wait for; what the system did not allow this worker."""
    from PIL import Image  # noqa: PLC0415  # see the module's docstring

    from simd.imaging.squares import agrees  # noqa: PLC0415  # see the module's docstring

    Image.preinit()
    agrees()
    examine_file(os.devnull.encode(), frozenset())
    return _refused


def examine_file(path: bytes, known: frozenset[bytes], size: int | None = None) -> Outcome:
    """The task behind :meth:`simd.imaging.pool.DecodePool.submit`."""
    from simd.imaging.signature import examine  # noqa: PLC0415  # see the module's docstring

    return examine(path, known, size)


def fetch_file(path: bytes) -> None:
    """Read a file, so that the kernel has it in memory when another worker needs it a moment later."""
    from simd.imaging.source import fetch  # noqa: PLC0415  # see the module's docstring

    fetch(path)


def compare_files(a: bytes, b: bytes) -> FineLook | Refused:
    """The task behind :meth:`simd.imaging.pool.DecodePool.compare`."""
    from simd.imaging.finelook import look  # noqa: PLC0415  # see the module's docstring

    return look(a, b)


def frame_file(path: bytes) -> Framed | Refused:
    """The task behind :meth:`simd.imaging.pool.DecodePool.frame`."""
    from simd.imaging.partition import frame  # noqa: PLC0415  # see the module's docstring

    return frame(path)


def preview_file(path: bytes, expected: Stamp | None) -> Preview | Refused | Changed:
    """The task behind :meth:`simd.imaging.pool.DecodePool.preview`."""
    from simd.imaging.preview import look  # noqa: PLC0415  # see the module's docstring

    return look(path, expected)


def _limit(kind: int, value: int) -> None:
    _, most = resource.getrlimit(kind)
    bounded = value if most == resource.RLIM_INFINITY else min(value, most)
    _set_limit(kind, (bounded, bounded))


def _set_limit(kind: int, values: tuple[int, int]) -> None:
    try:
        resource.setrlimit(kind, values)
    except (OSError, ValueError) as error:
        # macOS knows RLIMIT_AS and refuses to set it; a worker without a limit beats none.
        log.debug("resource limit %d not set: %s", kind, error)
