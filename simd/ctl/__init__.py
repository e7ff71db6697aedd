"""simctl: the command line that asks the daemon.

Each family of commands has a module of its own, which is imported only when it is asked
for: most of the time that a call takes is spent on imports.
"""

from simd.ctl.entry import main

__all__ = ["main"]
