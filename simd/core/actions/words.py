"""The words of clearing up: what may be done to a file, and how far a step or a plan has come."""

from enum import StrEnum


class Action(StrEnum):
    """What is done to a file that is not kept."""

    QUARANTINE = "quarantine"
    TRASH = "trash"
    HARDLINK = "hardlink"
    REFLINK = "reflink"
    DELETE = "delete"


SHARING = frozenset({Action.HARDLINK, Action.REFLINK})
"""Actions that leave a file in its place and free its bytes: between equal bytes only."""


class StepState(StrEnum):
    """How far a step has come; only a crash, or a fault amid it, leaves one in :data:`UNDER_WAY`."""

    PLANNED = "planned"
    DOING = "doing"
    DONE = "done"
    REFUSED = "refused"
    UNDOING = "undoing"
    UNDONE = "undone"
    PURGING = "purging"
    PURGED = "purged"


UNDER_WAY = frozenset({StepState.DOING, StepState.UNDOING, StepState.PURGING})
"""States of steps that were begun and have not come to an end."""


class PlanState(StrEnum):
    """How far a plan has come."""

    PLANNED = "planned"
    UNFINISHED = "unfinished"
    APPLIED = "applied"
    REFUSED = "refused"
    UNDONE = "undone"
    PURGED = "purged"


class CompanionRole(StrEnum):
    """What a file is to the picture that it belongs to."""

    RAW = "raw"
    VIDEO = "video"
    SIDECAR = "sidecar"
