"""The command problems: files that could not be read."""

from argparse import ArgumentParser

from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of
from simd.ctl.words import add_null, add_pages
from simd.render.problems import problems as view
from simd.render.words import count


def problems_words(command: ArgumentParser) -> None:
    """Which page, or that all are tried again."""
    command.add_argument("--retry", action="store_true", help="read them all again now")
    add_pages(command)
    add_null(command)


def problems(call: Call) -> int:
    """A page of unreadable files, or all of them tried again."""
    if call.arguments.retry:
        return _retry(call)
    answer = call.client.get("/v1/problems", {"limit": call.arguments.limit, "cursor": call.arguments.cursor})
    if call.output.as_json:
        call.output.json(answer)
    elif call.arguments.null:
        call.output.paths(bytes_of(problem) for problem in answer["problems"])
    else:
        call.output.text(view(answer, call.output.style))
        if answer["next_cursor"] is not None:
            call.output.text(f"The next page: simctl problems --cursor {answer['next_cursor']}")
    return 0


def _retry(call: Call) -> int:
    answer = call.client.post("/v1/problems/retry")
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(f"{count(answer['retried'], 'file')} will be read again; simctl sync waits for it.")
    return 0
