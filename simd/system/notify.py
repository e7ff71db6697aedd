"""Telling the service manager how the daemon fares: sd_notify(3), without a library."""

import logging
import os
import socket
from collections.abc import MutableMapping
from typing import Self

log = logging.getLogger(__name__)

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""What a service manager sets for its service, and not for the children of the service."""


class ServiceNotices:
    """Notices to the service manager; nothing happens when there is none.

    Args:
        address: path of the manager's socket, or a name that begins with ``@``; None for no manager.
        watchdog_seconds: the manager wants to hear that the daemon is alive before so many have passed
            since the last time; None when it does not ask.
    """

    def __init__(self, address: str | None, watchdog_seconds: float | None = None) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> Self:
        """Take what the manager says from the environment, so that no child process finds it there."""
        address, period, process = (environ.pop(variable, "") for variable in VARIABLES)
        ours = not process or process == str(os.getpid())
        seconds = int(period) / 1e6 if ours and period.isdecimal() else 0.0
        return cls(address or None, seconds or None)

    def ready(self) -> None:
        """The daemon answers."""
        self._send("READY=1")

    def alive(self) -> None:
        """Everything in the daemon goes on; nothing is said to a manager that does not ask."""
        if self.watchdog_seconds is not None:
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What the daemon is doing, in one line for ``systemctl status``."""
        line = " ".join(text.split())
        self._send(f"STATUS={line}")

    def stopping(self) -> None:
        """The daemon has begun to end."""
        self._send("STOPPING=1")

    def extend(self, seconds: float) -> None:
        """Starting or stopping takes at least so much longer, counted from now."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")

    def _send(self, notice: str) -> None:
        if self._address is None:
            return
        # A leading @ stands for the zero byte of an abstract name.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)  # noqa: FBT003 - the library's own signature
                sender.connect(address)
                sender.send(notice.encode(errors="backslashreplace"))
        except OSError as error:
            log.warning("the service manager was not told %s: %s", notice.partition("=")[0], error.strerror)
