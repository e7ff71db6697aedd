"""Reading server-sent events (WHATWG HTML, section 9.2) as the daemon sends them."""

import json
from collections.abc import Iterator

from simd.client.reply import Reply
from simd.core.errors import Failed
from simd.core.wire import Json


class EventStream:
    """An open stream of events: iterate for pairs of name and data, and close it.

    It ends when the daemon stops. Another thread may close it to end the iteration.
    Iterating raises :class:`~simd.core.errors.TimedOut` when not even a sign of life came
    within the client's timeout, and :class:`~simd.core.errors.Failed` when the connection
    broke or an event is not JSON.
    """

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._events = parse(reply.pieces())

    def __iter__(self) -> Iterator[tuple[str, Json]]:
        return self

    def __next__(self) -> tuple[str, Json]:
        """The next event; waits for it."""
        try:
            return next(self._events)
        except ValueError as error:
            raise Failed("an event from the daemon is not JSON") from error

    def close(self) -> None:
        """Stop listening."""
        self._reply.close()


def parse(pieces: Iterator[bytes]) -> Iterator[tuple[str, Json]]:
    """The events in a byte stream that is cut anywhere; comments are passed over.

    Raises:
        ValueError: the data of an event is not JSON.
    """
    name = "message"
    data: list[str] = []
    for line in _lines(pieces):
        if not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
