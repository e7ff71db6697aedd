"""Commands about pictures that are named: show, compare."""

from argparse import ArgumentParser

from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of, is_id, path_fields, picture_fields
from simd.ctl.words import add_null
from simd.render.image import compare as compare_view
from simd.render.image import show as show_view


def show_words(command: ArgumentParser) -> None:
    """One picture of the catalogue."""
    command.add_argument("picture", metavar="PATH|ID", help="a catalogued file, or an image's number")
    add_null(command)


def compare_words(command: ArgumentParser) -> None:
    """Two pictures."""
    command.add_argument("a", metavar="A", help="a file, or an image's number")
    command.add_argument("b", metavar="B", help="a file, or an image's number")


def show(call: Call) -> int:
    """All that is known of one image."""
    word = call.arguments.picture
    if is_id(word):
        answer = call.client.get(f"/v1/images/{word}")
    else:
        answer = call.client.get("/v1/images", path_fields(word))
    if call.output.as_json:
        call.output.json(answer)
    elif call.arguments.null:
        call.output.paths(bytes_of(file) for file in answer["files"])
    else:
        call.output.text(show_view(answer, call.output.style))
    return 0


def compare(call: Call) -> int:
    """Two pictures by every measure, and the judgement."""
    a, b = picture_fields(call.arguments.a), picture_fields(call.arguments.b)
    answer = call.client.post("/v1/compare", {"a": a, "b": b})
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(compare_view(answer, call.output.style))
    return 0
