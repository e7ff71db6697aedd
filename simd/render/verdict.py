"""The status in one sentence: whether all is well, what is going on, or what is asked of a person."""

from simd.core.wire import Json
from simd.render.holds import reasons, remedies
from simd.render.words import count, duration, escape, size

LOADING_WORDS = {
    "start": "starting",
    "open": "opening the catalogue",
    "check": "checking the catalogue after an unclean end",
    "upgrade": "bringing the catalogue's tables up to date",
    "index": "building the index",
}
"""What a daemon does that is loading, by the phase of its progress."""

_MINUTE = 60

Verdict = tuple[str, str]
"""A sentence, and its colour."""


def verdict(answer: Json) -> Verdict:
    """What a person wants to know first."""
    if answer["state"] == "loading":
        return f"Starting: {LOADING_WORDS[answer['progress']['phase']]}.", "cyan"
    if answer["state"] == "stopping":
        return "Stopping.", "yellow"
    if notes := answer["problems"]["notes"]:
        more = f" And {count(len(notes) - 1, 'more thing')}, see below." if len(notes) > 1 else ""
        return f"Needs you: {_sentence(notes[0]['message'])}{more}", "red"
    if not answer["roots"]:
        return "Nothing to do: no folder is watched. Name one under `roots` in the configuration.", "yellow"
    return activity(answer) or (_all_is_well(answer), "green")


def activity(answer: Json) -> Verdict | None:
    """What keeps the library from being at rest; None when nothing does."""
    if answer["holds"]:
        waiting = answer["queue"]["waiting"]
        left = f" {count(waiting, 'file')} to be read meanwhile." if waiting else ""
        remedy = remedies(answer["holds"])
        go_on = f" To go on: {remedy}." if remedy else ""
        why = reasons(answer["holds"])
        return f"Nothing new is read: {why}. Questions are answered.{left}{go_on}", "yellow"
    if answer["progress"] is not None:
        return _work(answer["progress"], answer["queue"]), "cyan"
    if settling := answer["queue"]["settling"]:
        return f"Waiting for {count(settling, 'file')} to come to rest.", "cyan"
    return None


def _work(part: Json, queue: Json) -> str:
    done, total = part["done"], part["total"]
    if part["phase"] == "sweep":
        on_their_way = queue["waiting"] + queue["decoding"]
        return f"Looking through the folders: {done:,} read, {on_their_way:,} to be read so far."
    share = f" of {total:,} ({100 * done // total} %)" if total else ""
    verb = "Reading" if part["phase"] == "decode" else f"Comparing ({escape(part['phase'])})"
    return f"{verb}: {done:,}{share}{_left(part)}."


def _left(part: Json) -> str:
    """How long it will take yet, in whole minutes: more would be a lie."""
    if not part["total"] or not part["per_second"]:
        return ""
    seconds = (part["total"] - part["done"]) / part["per_second"]
    if seconds < _MINUTE:
        return ", less than a minute left"
    return f", about {duration(_MINUTE * round(seconds / _MINUTE))} left"


def _all_is_well(answer: Json) -> str:
    pictures = count(answer["files"]["present"], "picture")
    folders = count(len(answer["roots"]), "folder")
    return f"All is well: {pictures} in {folders}{_found(answer.get('duplicates'))}."


def _found(totals: Json | None) -> str:
    if totals is None:
        return ""
    if not totals["groups"]:
        return ", no duplicates"
    groups = count(totals["groups"], "duplicate group")
    return f", {groups}, {size(totals['reclaimable_bytes'])} to free"


def _sentence(message: object) -> str:
    text = escape(message)
    return text if text.endswith((".", "!", "?")) else f"{text}."
