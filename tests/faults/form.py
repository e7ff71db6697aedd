"""How often a fault is provoked: a few times in the short form, as often as promised in the long one."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Form:
    """What one test of a fault is to do, and what it has done.

    Attributes:
        name: of the test, so that each draws its own numbers from the one seed.
        long: whether this is the soak.
        done: what was provoked and how often, for the table.
    """

    name: str
    long: bool
    seed: int
    done: dict[str, int] = field(default_factory=dict)

    def times(self, what: str, *, short: int, long: int) -> int:
        """How often to provoke ``what``, or how many of it to make."""
        count = long if self.long else short
        self.done[what] = count
        return count

    def note(self, what: str, count: int) -> None:
        """Put a number into the table."""
        self.done[what] = count

    def dice(self, salt: str = "") -> random.Random:
        """Numbers that are the same for the same seed."""
        return random.Random(f"{self.seed} {self.name} {salt}")  # noqa: S311 - chance, not a secret
