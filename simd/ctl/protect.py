"""The commands protect and unprotect: files and folders that keep their place."""

from argparse import ArgumentParser

from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of, path_fields
from simd.ctl.words import add_null
from simd.render import protection as views


def protect_words(command: ArgumentParser) -> None:
    """Paths, or none to list what is protected."""
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, or a folder with everything below it (default: list)",
    )
    add_null(command)


def unprotect_words(command: ArgumentParser) -> None:
    """Paths."""
    command.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file or folder, as simctl protect lists it"
    )
    add_null(command)


def protect(call: Call) -> int:
    """Protect paths, or list what is protected."""
    if not call.arguments.paths:
        answer = call.client.get("/v1/protected")
        return _tell(call, answer, answer["protected"], views.protected(answer, call.output.style))
    answer = _change(call, "/v1/protect")
    return _tell(call, answer, answer["changed"], views.now_protected(answer))


def unprotect(call: Call) -> int:
    """Take protection back."""
    answer = _change(call, "/v1/unprotect")
    return _tell(call, answer, answer["changed"], views.now_unprotected(answer))


def _change(call: Call, endpoint: str) -> Json:
    return call.client.post(endpoint, {"paths": [path_fields(word) for word in call.arguments.paths]})


def _tell(call: Call, answer: Json, listed: list[Json], words: str) -> int:
    if call.output.as_json:
        call.output.json(answer)
    elif call.arguments.null:
        call.output.paths(map(bytes_of, listed))
    else:
        call.output.text(words)
    return 0
