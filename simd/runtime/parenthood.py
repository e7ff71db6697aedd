"""Child processes that do not outlive their parent, however it ends."""

import multiprocessing
import multiprocessing.connection
import os
import threading


def leave_with_parent() -> None:
    """Have this process, started by :mod:`multiprocessing`, end as soon as its parent has ended.

    A parent that is killed cannot tell its children, and a fork server keeps them alive.
    """
    threading.Thread(target=_watch, name="parent-watch", daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        # At once: whatever the other threads are doing, nobody waits for it any more.
        os._exit(1)
