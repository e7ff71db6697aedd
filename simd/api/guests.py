"""Who is connected, and who has to go when there is no room.

A client that leaves the daemon waiting, with half a request, between two requests, or with an answer
that it does not read, holds its place only until somebody else needs it. So no number of such clients
keeps an honest one out.
"""

from typing import Protocol


class Guest(Protocol):
    """One connection."""

    @property
    def unread(self) -> int:
        """Bytes of answers that wait in the daemon until the client reads."""
        ...

    def give_way(self) -> None:
        """Leave at once, because others need the room."""
        ...


class Guests:
    """The connections of one server, in the order in which they began to keep the daemon waiting."""

    def __init__(self, most: int, most_refused: int, unread_bytes: int) -> None:
        """As in :class:`~simd.api.connection.Limits`: ``connections``, ``refused`` and ``unread_bytes``."""
        self._most = most
        self._most_refused = most_refused
        self._unread_bytes = unread_bytes
        self._inside: set[Guest] = set()
        # Dictionaries keep their order, and sets do not.
        self._idle: dict[Guest, None] = {}
        self._refused: dict[Guest, None] = {}

    def admit(self, guest: Guest) -> bool:
        """Let somebody in, if need be in the place of whoever has kept the daemon waiting the longest."""
        if len(self._inside) >= self._most and not self._send_away(self._idle):
            return False
        self._inside.add(guest)
        return True

    def refuse(self, guest: Guest) -> None:
        """Remember somebody who is only there to be told no; beyond the limit the oldest is not even told."""
        if len(self._refused) >= self._most_refused:
            self._send_away(self._refused)
        self._refused[guest] = None

    def note(self, guest: Guest, *, keeps_waiting: bool) -> None:
        """Whether the daemon now waits for a guest, or the guest for the daemon."""
        if guest not in self._inside:
            return
        if keeps_waiting:
            self._idle.setdefault(guest)
        else:
            self._idle.pop(guest, None)

    def limit_unread(self, writer: Guest) -> None:
        """Send away those who have not read for the longest while too much waits to be read.

        ``writer`` has just been answered and stays: nobody's answer is too long by itself.
        """
        holding = [guest for guest in self._idle if guest is not writer and guest.unread]
        unread = writer.unread + sum(guest.unread for guest in holding)
        for guest in holding:
            if unread <= self._unread_bytes:
                return
            unread -= guest.unread
            self.forget(guest)
            guest.give_way()

    def forget(self, guest: Guest) -> None:
        """Somebody has left."""
        self._inside.discard(guest)
        self._idle.pop(guest, None)
        self._refused.pop(guest, None)

    def _send_away(self, candidates: dict[Guest, None]) -> bool:
        """Send the first of these away; whether there was one."""
        guest = next(iter(candidates), None)
        if guest is None:
            return False
        self.forget(guest)
        guest.give_way()
        return True
