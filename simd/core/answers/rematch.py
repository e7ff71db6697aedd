"""What is said of matching the library anew."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RematchStarted:
    """A rematch is under way; ``rematch`` events tell its progress and its end.

    ``begun`` is false when one was under way already. ``pairs`` are those stored at this moment.
    """

    begun: bool
    images: int
    pairs: int
    generation: int
