"""The commands mark, unmark and verdicts: what a person decides about pictures."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping

from simd.core.errors import BadRequest, Failed, NotFound, WrongUsage
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.parser import Parser, add_command
from simd.ctl.subjects import picture_fields
from simd.ctl.words import add_pages
from simd.render import verdicts as views

KINDS = ("different", "series", "keep")
"""Written out, as the presets are."""

STDIO = "-"

AT_ONCE = 2_000
"""Verdicts of one request of an import: half of what a body may hold."""

MOST_ON_A_PAGE = 1_000


def mark_words(command: ArgumentParser) -> None:
    """What is decided, and about which pictures."""
    command.add_argument(
        "verdict",
        choices=KINDS,
        help="different: no two of them are duplicates; series: related, and all wanted; "
        "keep: each is the keeper of its group, whatever the rules say",
    )
    _add_pictures(command)


def unmark_words(command: ArgumentParser) -> None:
    """Pictures."""
    _add_pictures(command)


def verdicts_words(command: ArgumentParser) -> None:
    """Which page, or what else to do."""
    add_pages(command)
    command.add_argument("--all", action="store_true", help="every page")
    command.set_defaults(action=_list)
    actions = command.add_subparsers(title="actions", metavar="[ACTION]", parser_class=Parser)
    for name, (summary, example, words, action) in ACTIONS.items():
        parser = add_command(actions, name, summary, example)
        words(parser)
        parser.set_defaults(action=action)


def mark(call: Call) -> int:
    """Decide something about pictures."""
    verdict = call.arguments.verdict
    answer = call.client.post("/v1/verdicts", {"verdict": verdict, "images": _pictures(call)})
    _answer(call, answer, views.marked(answer, verdict))
    return 0


def unmark(call: Call) -> int:
    """Take back what was decided about one picture, or about the pairs among several."""
    answer = call.client.post("/v1/verdicts/unmark", {"images": _pictures(call)})
    _answer(call, answer, views.unmarked(answer))
    return 0


def verdicts(call: Call) -> int:
    """Do what was asked for."""
    return int(call.arguments.action(call))


def _add_pictures(command: ArgumentParser) -> None:
    command.add_argument(
        "pictures",
        nargs="+",
        metavar="PICTURE",
        help="a catalogued file, an image's number, or a digest (sha256:...)",
    )


def _pictures(call: Call) -> list[Json]:
    return [
        {"digest": word} if word.startswith("sha256:") else picture_fields(word)
        for word in call.arguments.pictures
    ]


def _list(call: Call) -> int:
    """What was decided: one page, or all of them."""
    given = call.arguments
    pages = _pages(call, given.limit, given.cursor, every=given.all)
    if call.output.as_json:
        call.output.json(_joined(pages))
        return 0
    for page in pages:
        call.output.text(views.verdicts(page, call.output.style))
    if page["total"]:
        call.output.text(f"\n{views.total(page)}")
    if page["next_cursor"] is not None:
        call.output.text(
            f"The next page: simctl verdicts --cursor {page['next_cursor']} (or every page: --all)"
        )
    return 0


def _pages(call: Call, limit: int | None, cursor: str | None, *, every: bool) -> Iterator[Json]:
    while True:
        page = call.client.get("/v1/verdicts", {"limit": limit, "cursor": cursor})
        yield page
        cursor = page["next_cursor"]
        if not every or cursor is None:
            return


def _joined(pages: Iterator[Json]) -> Json:
    found: list[Json] = []
    for page in pages:
        found += page["verdicts"]
    return {**page, "verdicts": found}


def _file_words(command: ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", help="a file of JSON lines; - is standard output or input")


def _export(call: Call) -> int:
    """Write every verdict as a line of JSON; a file that is there already is left alone."""
    name = call.arguments.file
    if name == STDIO and call.output.as_json:
        raise WrongUsage("--json and the lines would share standard output", hint="name a file in place of -")
    page = _joined(_pages(call, MOST_ON_A_PAGE, None, every=True))
    lines = [
        json.dumps(
            {
                "verdict": verdict["verdict"],
                "images": [image["digest"] for image in verdict["images"]],
                "since": verdict["since"],
            }
        )
        for verdict in page["verdicts"]
    ]
    if name == STDIO:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    _write_new(name, "".join(f"{line}\n" for line in lines))
    answer: Json = {"exported": len(lines), "generation": page["generation"]}
    _answer(call, answer, views.exported(len(lines), name))
    return 0


def _write_new(name: str, text: str) -> None:
    try:
        stream = open(name, "x", encoding="ascii")  # noqa: PTH123, SIM115 - pathlib costs 8 ms; closed below
    except FileExistsError as error:
        raise BadRequest(f"{name} is there already", hint="name a new file", path=name) from error
    except OSError as error:
        raise _unwritable(name, error) from error
    try:
        with stream:
            stream.write(text)
    except OSError as error:
        os.unlink(name)  # noqa: PTH108 - as above
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: OSError) -> Failed:
    return Failed(
        f"{name} cannot be written: {error.strerror}",
        hint="is there room, and may you write there?",
        path=name,
    )


def _import(call: Call) -> int:
    """Send verdicts once all lines were found to be in order."""
    entries = _read(call.arguments.file)
    answer: Json = {"added": 0, "replaced": 0, "unchanged": 0}
    for start in range(0, max(1, len(entries)), AT_ONCE):
        part = call.client.post("/v1/verdicts/import", {"verdicts": entries[start : start + AT_ONCE]})
        answer = {**part, **{name: answer[name] + part[name] for name in answer if name != "generation"}}
    _answer(call, answer, views.imported(answer))
    return 0


def _read(name: str) -> list[Json]:
    """The verdicts of a file.

    Raises:
        NotFound: it is not there.
        BadRequest: a line is none; its number is told.
    """
    from simd.core.verdict_lines import fault_in  # noqa: PLC0415 - datetime, for this action alone

    entries: list[Json] = []
    for number, line in enumerate(_lines(name), start=1):
        if not line.strip():
            continue
        entry, fault = _parsed(line)
        fault = fault or fault_in(entry)
        if fault is not None:
            raise BadRequest(
                f"line {number}: {fault}", hint="nothing was imported; simctl verdicts export shows the form"
            )
        entries.append(entry)
    return entries


def _parsed(line: bytes) -> tuple[Json, str | None]:
    try:
        return json.loads(line), None
    except (ValueError, RecursionError):
        return {}, "this is not JSON"


def _lines(name: str) -> list[bytes]:
    if name == STDIO:
        return sys.stdin.buffer.read().splitlines()
    try:
        with open(name, "rb") as stream:  # noqa: PTH123 - as above
            return stream.read().splitlines()
    except FileNotFoundError as error:
        raise NotFound(f"{name} is not there", hint="is the name right?", path=name) from error


def _answer(call: Call, answer: Json, text: str) -> None:
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(text)


ACTIONS: Mapping[
    str, tuple[str, str, Callable[[ArgumentParser], None], Callable[[Call], int]]
] = {
    "export": (
        "write every verdict as a line of JSON",
        "simctl verdicts export verdicts.jsonl",
        _file_words,
        _export,
    ),
    "import": (
        "take verdicts from lines of JSON; of two on the same pictures the later holds",
        "simctl verdicts import verdicts.jsonl",
        _file_words,
        _import,
    ),
}  # fmt: skip
"""Every action: what it does, an example, its arguments, and the function that does it."""
