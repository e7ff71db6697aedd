"""Looking at the machine: whether it lets simd do its work, and what to do where it does not."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from simd.core.answers.daemon import Check
from simd.system.doctor.autostart import check_service
from simd.system.doctor.clock import check_clock
from simd.system.doctor.places import check_root, check_socket, check_space, check_state
from simd.system.doctor.software import (
    check_descriptors,
    check_heic,
    check_packages,
    check_python,
    check_sqlite,
)
from simd.system.doctor.watches import check_instances, check_watches
from simd.system.folders import default_socket, state_folder

__all__ = ["Check", "as_json", "examine"]


def examine(
    roots: Sequence[bytes | str], state_dir: Path | None = None, socket: Path | None = None
) -> list[Check]:
    """Every check of this machine. Nothing is changed.

    Args:
        roots: the watched folders, absolute.
        state_dir: the state folder; the usual one when None.
        socket: where the daemon listens; where it would by default when None.
    """
    folders = [os.fsencode(root) for root in roots]
    state = state_folder() if state_dir is None else state_dir
    return [
        check_python(),
        check_packages(),
        check_sqlite(),
        check_heic(),
        *(check_root(folder) for folder in folders),
        *check_watches(folders),
        *check_instances(),
        *check_state(state),
        check_space(state),
        check_socket(socket or default_socket(state_dir)),
        check_descriptors(),
        check_clock(state, datetime.now().astimezone()),
        check_service(),
    ]


def as_json(check: Check) -> dict[str, object]:
    """A check as a JSON object: name, ok, checked, message, hint."""
    return asdict(check)
