"""What can befall the watching of folders, and what a person may do about it.

Every mishap leads to a sweep, so that nothing is missed; it is told for a while all the same, because
one that comes again and again has a cause that a person can remove.
"""

OVERFLOW = "the kernel's event queue ran over"
CROWD = "more changes came at once than could be noted one by one"
RESUMED = "resumed from sleep"
CLOCK_SET = "the clock of the machine was set"
RETURNED = "the folder is there again"
REPLACED = "another folder stands at its place"
REBUILT = "the watcher was started anew"

_ORDINARY = frozenset(
    {
        "start",
        "asked for",
        "timed",
        "timed, put off until now",
        "not watched",
        "folder appeared",
        "folder moved",
        "folder came back",
        "newly configured",
        "other names are skipped",
    }
)

_NOTHING_TO_DO = "Nothing needs to be done: the sweep finds whatever was missed."

_REMEDIES = {
    OVERFLOW: "If it happens often: sudo sysctl fs.inotify.max_queued_events=131072",
    RETURNED: _NOTHING_TO_DO,
    REPLACED: "If its disk should be mounted there, mount it; nothing is forgotten until then.",
    REBUILT: "If it happens often, look into the log, and run simctl doctor.",
}

_LABELS = {
    "start": "start",
    "asked for": "asked",
    "timed": "clock",
    "not watched": "clock",
    "folder ": "folder",
    "newly configured": "settings",
    "other names are skipped": "settings",
    OVERFLOW: "overflow",
    CROWD: "overflow",
    RESUMED: "resume",
    CLOCK_SET: "resume",
    RETURNED: "return",
    REPLACED: "return",
    REBUILT: "rebuilt",
}


def is_mishap(reason: str) -> bool:
    """Whether the reason of a sweep is that something went wrong, and not that it was time or asked for."""
    return reason not in _ORDINARY


def remedy_for(reason: str) -> str:
    """What a person can do about the reason of a sweep."""
    return next((text for start, text in _REMEDIES.items() if reason.startswith(start)), _NOTHING_TO_DO)


def label_of(reason: str) -> str:
    """The reason of a sweep in one word, of which there are few: the label of a metric."""
    return next((label for start, label in _LABELS.items() if reason.startswith(start)), "other")
