"""What keep rules and protected folders have to hold together."""

from collections.abc import Sequence
from dataclasses import replace

from simd.config.faults import Fault, Place
from simd.config.roots import resolve, shown
from simd.config.settings import KeepSettings
from simd.core.keeprules import contradiction
from simd.core.protection import lies_within


def check_keep(keep: KeepSettings, roots: Sequence[bytes], place: Place) -> list[Fault]:
    """Rules that can decide nothing, and protected folders that hold no watched file.

    Args:
        keep: the settings.
        roots: the watched folders; where there are none, nothing is said of what lies outside them.
        place: where a key was written.
    """
    faults = []
    if message := contradiction(keep.rules):
        faults.append(Fault("keep.rules", message, "leave one of them out", place(("keep", "rules"))))
    watched = [resolve(root) for root in roots]
    for position, folder in enumerate(keep.protected):
        if watched and not any(lies_within(resolve(folder), root) for root in watched):
            message = f"{shown(folder)} lies in no watched folder, so nothing in it is ever touched"
            hint = f"the watched folders are {', '.join(map(shown, watched))}"
            key = f"keep.protected[{position}]"
            faults.append(Fault(key, message, hint, place(("keep", "protected", position))))
    return faults


def resolved(keep: KeepSettings) -> KeepSettings:
    """The same with symbolic links followed: the catalogue knows files by the folders that they lie in."""
    rules = [
        rule if rule.folder is None else replace(rule, folder=resolve(rule.folder)) for rule in keep.rules
    ]
    return replace(keep, rules=tuple(rules), protected=tuple(map(resolve, keep.protected)))
