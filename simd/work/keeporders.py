"""The order in which duplicates are kept: by the rules of the settings, or by those that are asked for."""

from collections.abc import Callable

from simd.core.keeprules import KeepOrder, KeepRule, completed
from simd.core.protection import Protection

OrderFor = Callable[[tuple[KeepRule, ...] | None], KeepOrder]
"""Gives the order for rules that are asked for, or for those of the settings when they are None."""


def usual_order_for(asked: tuple[KeepRule, ...] | None) -> KeepOrder:
    """The order where nothing is set, and nothing is protected."""
    return KeepOrder(completed(asked or ()))


class KeepOrders:
    """The order in force. Any thread may use it."""

    def __init__(
        self,
        rules: tuple[KeepRule, ...],
        copy_names: tuple[str, ...],
        protection: Callable[[], Protection],
    ) -> None:
        """Go by the rules and names of the settings; ``protection`` gives what is protected now."""
        self._rules = completed(rules)
        self._copy_names = copy_names
        self._protection = protection

    def follow(self, rules: tuple[KeepRule, ...], copy_names: tuple[str, ...]) -> None:
        """Go by other settings from now on."""
        self._rules, self._copy_names = completed(rules), copy_names

    def order_for(self, asked: tuple[KeepRule, ...] | None) -> KeepOrder:
        """The order for rules that are asked for, or for those of the settings when they are None."""
        rules = self._rules if asked is None else completed(asked)
        return KeepOrder(rules, self._copy_names, self._protection())
