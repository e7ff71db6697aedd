"""The head of a request, as far as the porch must understand it."""

from dataclasses import dataclass

END = b"\r\n\r\n"
_WORDS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: its method, and its path without the query."""

    method: str
    path: str


def parse(head: bytes) -> Asked | None:
    """What the first line of a head asks for; None when that is not HTTP/1."""
    words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    if len(words) != _WORDS or not words[2].startswith("HTTP/1."):
        return None
    method, target, _ = words
    return Asked(method, target.partition("?")[0])
