"""Checks of what the kernel lets one user watch; nothing to check where there is no inotify."""

from collections.abc import Sequence

from simd.core.answers.daemon import Check
from simd.system.limits import InotifyLimits, InotifyUse, count_directories, inotify_limits, inotify_use
from simd.system.mounts import filesystem_of, is_network

COUNTING_SECONDS = 5.0
"""How long the folders of all roots are counted."""

HEADROOM = 2
"""The suggested limit is so many times what is needed."""


def check_watches(roots: Sequence[bytes]) -> list[Check]:
    """Whether every folder below the roots can have its watch."""
    limits = inotify_limits()
    if limits is None:
        return []
    needed, whole = 0, True
    watched = [root for root in roots if not is_network(filesystem_of(root))]
    for root in watched:
        count, complete = count_directories(
            root, limits.watches + 1 - needed, COUNTING_SECONDS / len(watched)
        )
        needed, whole = needed + count, whole and complete
    return [judge_watches(needed, limits, inotify_use(), whole=whole)]


def check_instances() -> list[Check]:
    """Whether one more program may watch."""
    limits = inotify_limits()
    return [] if limits is None else [judge_instances(limits, inotify_use())]


def judge_watches(needed: int, limits: InotifyLimits, use: InotifyUse, *, whole: bool) -> Check:
    """What the numbers mean.

    Args:
        needed: folders below the roots.
        limits: what the kernel allows.
        use: what other programs hold.
        whole: whether all folders were counted.
    """
    said = f"{needed:,}" if whole else f"more than {needed:,}"
    message = f"{said} folders to watch; {use.watches:,} of {limits.watches:,} watches are taken by others"
    if needed + use.watches <= limits.watches:
        return Check(name="watches", ok=True, message=message, hint=None)
    enough = HEADROOM * (needed + use.watches)
    hint = (
        f"sudo sysctl fs.inotify.max_user_watches={enough}, and the same line in /etc/sysctl.d/90-simd.conf"
    )
    return Check(name="watches", ok=False, message=message, hint=hint)


def judge_instances(limits: InotifyLimits, use: InotifyUse) -> Check:
    """What the numbers mean: see :func:`judge_watches`."""
    message = f"{use.instances} of {limits.instances} watching programs run"
    if use.instances < limits.instances:
        return Check(name="watchers", ok=True, message=message, hint=None)
    hint = f"sudo sysctl fs.inotify.max_user_instances={HEADROOM * limits.instances}"
    return Check(name="watchers", ok=False, message=message, hint=hint)
