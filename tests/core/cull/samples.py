"""Files of an export, as tests need them."""

from typing import Any

from simd.core.cull.model import Exported


def exported(number: int = 0, **changes: Any) -> Exported:
    """A file of folder 1; the first one is its keeper."""
    values: dict[str, Any] = {
        "folder": 1,
        "name": b"%d p+%d.jpg" % (number, number),
        "path": b"/p/%d.jpg" % number,
        "digest": f"sha256:{number:064x}",
        "size": 100 + number,
        "mtime_ns": 1_000 + number,
        "inode": 10 + number,
        "laid_mtime_ns": 1_000 + number,
        "laid_inode": 10 + number,
        "keeper": number == 0,
        "protected": False,
        "linked": True,
    }
    return Exported(**values | changes)
