"""What is not wrong but worth saying."""

import os
from collections.abc import Iterator
from pathlib import Path

from simd.config.document import read_document
from simd.config.roots import shown
from simd.config.settings import Settings
from simd.config.targets import exposed


def cautions(settings: Settings, config: Path | None = None) -> tuple[str, ...]:
    """That nothing is watched, that a root is not there now, or that secrets lie open.

    Args:
        settings: as they were loaded.
        config: the file that they were loaded from, if any.
    """
    return (*_about_roots(settings), *_about_secrets(config))


def _about_roots(settings: Settings) -> Iterator[str]:
    if not settings.roots:
        yield "no folder is watched: name one with --root, or under `roots` in the configuration file"
    for root in settings.roots:
        if not os.path.lexists(root):
            yield f"{shown(root)} is not there now; it is watched once it appears"


def _about_secrets(config: Path | None) -> Iterator[str]:
    if config is None or not exposed(config.stat()):
        return
    notify = read_document(config).values.get("notify")
    if isinstance(notify, dict) and notify.get("targets"):
        yield (
            f"others can open {config}, which holds notify.targets: chmod 600 it, "
            "or move them to a file of their own with notify.targets_file"
        )
