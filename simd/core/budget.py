"""A share of the processors, kept on average: work is paid for by rest."""


class CpuBudget:
    """Says when the next piece of work may begin, by what the earlier ones have cost.

    A piece that took ``c`` seconds of processor time is paid off ``c / cores`` seconds after it
    began, and until then nothing new begins. Idle time is not saved up. From the beginning of the
    first piece to the moment at which the next may begin, no more than ``cores`` processors were
    in use on average; within that time, a piece that runs is not interrupted.

    Times are seconds on a steady clock.
    """

    def __init__(self, cores: float | None) -> None:
        """``cores`` is the number of processors that may be in use on average; None for all."""
        self._cores = cores
        self._paid_off = float("-inf")

    @property
    def cores(self) -> float | None:
        """How many processors may be in use on average; None for all."""
        return self._cores

    def spend(self, seconds: float, began: float) -> None:
        """Note that a piece of work which began then took so many seconds of processor time."""
        if self._cores is not None:
            self._paid_off = max(self._paid_off, began) + seconds / self._cores

    def wait(self, now: float) -> float:
        """Seconds until the next piece may begin; 0 for at once."""
        return 0.0 if self._cores is None else max(0.0, self._paid_off - now)
