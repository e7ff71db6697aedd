"""Commands that look for a file's like: query, have."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator

from simd.core.errors import NoDaemon, SimdError, WrongUsage
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.output import describe
from simd.ctl.subjects import bytes_of, path_fields, shown_path
from simd.ctl.words import add_files, add_null, add_preset
from simd.render.query import have as have_view
from simd.render.query import query as query_view

STDIN = "-"


def query_words(command: ArgumentParser) -> None:
    """Files, how near, how many, how turned."""
    add_files(command)
    add_preset(command)
    command.add_argument(
        "--radius", type=int, metavar="N", help="greatest distance in bits, in place of the preset's"
    )
    command.add_argument("--top", type=int, metavar="K", help="at most this many matches, the nearest")
    command.add_argument("--transforms", action="store_true", help="also find it rotated or mirrored")
    add_null(command)


def have_words(command: ArgumentParser) -> None:
    """Files, and how near."""
    add_files(command)
    add_preset(command)
    add_null(command)


def query(call: Call) -> int:
    """Near-duplicates of each file: a block each, or one JSON object for all."""
    results: list[Json] = []
    worst = 0
    for name, answer in _answers(call, _options(call)):
        if isinstance(answer, SimdError):
            worst = max(worst, answer.exit_code)
            results.append({"error": describe(answer)})
            continue
        results.append(answer)
        if call.arguments.null:
            call.output.paths(bytes_of(match) for match in answer["matches"])
        elif not call.output.as_json:
            gap = "\n" if len(results) > 1 else ""
            call.output.text(gap + query_view(answer, name, call.output.style))
    if call.output.as_json:
        call.output.json(results[0] if len(call.arguments.files) == 1 else {"results": results})
    return worst


def have(call: Call) -> int:
    """Whether each file is there already; 1 when any is not."""
    entries: list[Json] = []
    worst, generation = 0, 0
    for name, answer in _answers(call, {"preset": call.arguments.preset}):
        said: Json = {"path": None} if name == STDIN else shown_path(name)
        if isinstance(answer, SimdError):
            worst = max(worst, answer.exit_code)
            entries.append({**said, "verdict": None, "error": describe(answer)})
            continue
        found, generation = _verdict(call, answer), answer["generation"]
        worst = max(worst, int(found["verdict"] == "no"))
        entries.append({**said, **found})
        _say(call, name, found)
    if call.output.as_json:
        call.output.json({"files": entries, "generation": generation})
    return worst


def _say(call: Call, name: str, found: Json) -> None:
    if call.arguments.null:
        if found["where"] is not None:
            call.output.paths([bytes_of({"path": found["where"], "path_b64": found.get("where_b64")})])
    elif not call.output.as_json:
        call.output.text(have_view(found, name, call.output.style))


def _verdict(call: Call, answer: Json) -> Json:
    """``identical``, ``near`` or ``no``, with the place and the distance of the nearest."""
    matches = answer["matches"]
    identical = next((match for match in matches if match["kind"] == "identical"), None)
    if identical is not None:
        return _found("identical", identical, 0)
    itself = _present_file(call, answer["query"]["id"])
    if itself is not None:
        return _found("identical", itself, 0)
    if matches:
        return _found("near", matches[0], matches[0]["distance"])
    return {"verdict": "no", "where": None, "distance": None}


def _present_file(call: Call, image: int | None) -> Json | None:
    """A file that holds a catalogued image: a query does not list the file that it asks about."""
    if image is None:
        return None
    files: list[Json] = call.client.get(f"/v1/images/{image}")["files"]
    return next((file for file in files if file["state"] == "present"), None)


def _found(verdict: str, place: Json, distance: int) -> Json:
    encoded = place.get("path_b64")
    return {
        "verdict": verdict,
        "where": place["path"],
        **({} if encoded is None else {"where_b64": encoded}),
        "distance": distance,
    }


def _options(call: Call) -> Json:
    given = call.arguments
    options = {"preset": given.preset, "radius": given.radius, "top": given.top}
    chosen = {name: value for name, value in options.items() if value is not None}
    return chosen | ({"transforms": True} if given.transforms else {})


def _answers(call: Call, options: Json) -> Iterator[tuple[str, Json | SimdError]]:
    """The answer for each file, or its error when there are others to go on with."""
    names = call.arguments.files
    if names.count(STDIN) > 1:
        raise WrongUsage("standard input can be read once only", hint="name - once")
    for name in names:
        try:
            yield name, _ask(call, name, options)
        except NoDaemon:
            raise
        except SimdError as error:
            if len(names) == 1:
                raise
            if not call.output.as_json:
                call.output.error(error)
            yield name, error


def _ask(call: Call, name: str, options: Json) -> Json:
    if name == STDIN:
        return call.client.upload("/v1/query", options, sys.stdin.buffer.read(), "standard input")
    return call.client.post("/v1/query", {**path_fields(name), **options})
