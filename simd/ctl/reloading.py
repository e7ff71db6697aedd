"""The command reload: the daemon reads its settings again."""

from argparse import ArgumentParser
from collections.abc import Iterator

from simd.core.wire import Json
from simd.ctl.call import Call

LONGEST_SECONDS = 600.0
"""A part that is in the middle of something is waited for a minute; there are a handful of parts."""


def reload_words(_command: ArgumentParser) -> None:
    """No arguments."""


def reload(call: Call) -> int:
    """Have the settings read again, and say what became of them."""
    answer = call.client.post("/v1/reload", timeout=LONGEST_SECONDS)
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text("\n".join(_lines(answer)))
    return 0


def _lines(answer: Json) -> Iterator[str]:
    if answer["changed"]:
        yield f"In force from now on: {', '.join(answer['changed'])}."
    elif not answer["needs_restart"]:
        yield "The settings are as they were."
    if answer["restarted"]:
        yield f"Followed by: {', '.join(answer['restarted'])}; everything else went on."
    if answer["needs_restart"]:
        keys = ", ".join(answer["needs_restart"])
        yield f"In force after a restart of the daemon only: {keys}. simctl service restart does that."
    for note in answer["notes"]:
        yield f"! {note['message']}"
        if note["hint"]:
            yield f"  {note['hint']}"
