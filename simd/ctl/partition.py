"""The command partition: any pictures, laid into numbered folders of similar ones."""

import os
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable

from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, Failed
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.laying import copy, make_folder, refuse_used
from simd.ctl.progress import followed
from simd.ctl.subjects import bytes_of, path_fields
from simd.render.partition import partition as partition_view

USUAL_GRADE = 0.95
"""Written out: the module that defines it loads NumPy."""

PATH = "/v1/partition"

LONGEST_SECONDS = 3_600.0
"""How long the daemon may read and compare; 3,000 large photographs take some minutes."""

Lay = Callable[[bytes, bytes, str], None]
"""Brings a file to a new place: from, to, and the SHA-1 of what is meant.

Raises FileExistsError where something stands, and OSError or Failed for what else goes wrong.
"""


def partition_words(command: ArgumentParser) -> None:
    """Pictures, the grade, and where to lay them."""
    command.add_argument(
        "pictures", nargs="+", metavar="DIR|FILE", help="pictures, or folders that hold some"
    )
    command.add_argument("--out", required=True, metavar="OUT", help="a new or empty folder for the groups")
    command.add_argument(
        "--grade",
        type=_grade,
        default=USUAL_GRADE,
        metavar="G",
        help="SSIM, 0 to 1, from which two are alike (default: 0.95)",
    )
    ways = command.add_mutually_exclusive_group()
    ways.add_argument("--copy", action="store_true", help="lay copies (this is what is done by default)")
    ways.add_argument("--link", action="store_true", help="lay hard links, which take no space")


def partition(call: Call) -> int:
    """Have the pictures parted, then lay them; 4 when some are none, 5 when some could not be laid."""
    given = call.arguments
    out = os.path.abspath(os.fsencode(given.out))  # noqa: PTH100 - bytes
    refuse_used(out, "with --out")
    body = {"paths": [path_fields(word) for word in given.pictures], "grade": given.grade}
    answer = followed(call, "partition", lambda: call.client.post(PATH, body, timeout=LONGEST_SECONDS))
    if given.link:
        _refuse_other_filesystem(answer, out)
    failed = _lay_all(answer, out, _link if given.link else _copy)
    answer |= {"out": display_path(out), "linked": bool(given.link), "failed": failed}
    if call.output.as_json:
        call.output.json(answer)
    else:
        for trouble in [*answer["refused"], *failed]:
            call.output.note(f"simctl: {trouble['path']}: {trouble['reason']}")
        call.output.text(partition_view(answer, call.output.style))
    return Failed.exit_code if failed else BadRequest.exit_code if answer["refused"] else 0


def _grade(word: str) -> float:
    try:
        grade = float(word)
    except ValueError:
        grade = -1.0
    if not 0 <= grade <= 1:
        raise ArgumentTypeError(f"{word} is no grade: 0 (all are alike) to 1 (only equal ones), such as 0.95")
    return grade


def _refuse_other_filesystem(answer: Json, out: bytes) -> None:
    """Hard links stay within a filesystem: find out before the first is made."""
    there = out
    while not os.path.exists(there):  # noqa: PTH110 - bytes
        there = os.path.dirname(there)  # noqa: PTH120 - bytes
    device = os.stat(there).st_dev  # noqa: PTH116 - bytes
    for group in answer["groups"]:
        for picture in group["pictures"]:
            path = os.path.realpath(bytes_of(picture))
            if os.path.exists(path) and os.stat(path).st_dev != device:  # noqa: PTH110, PTH116 - bytes
                raise BadRequest(
                    f"{picture['path']} lies on another filesystem than {display_path(out)}",
                    hint="leave out --link to have copies",
                    path=picture["path"],
                )


def _lay_all(answer: Json, out: bytes, lay: Lay) -> list[Json]:
    """Lay every picture into the folder of its group; those that could not be, each with its reason."""
    failed = []
    for group in answer["groups"]:
        folder = os.path.join(out, b"%d" % group["number"])  # noqa: PTH118 - bytes
        make_folder(folder)
        for picture in group["pictures"]:
            try:
                to = _lay_one(bytes_of(picture), folder, picture["sha1"], lay)
            except OSError as error:
                failed.append(_failure(picture, f"{error.strerror}."))
            except Failed as error:
                failed.append(_failure(picture, error.message))
            else:
                encoded = path_b64(to)
                picture.update({"to": display_path(to)} | ({} if encoded is None else {"to_b64": encoded}))
    return failed


def _lay_one(path: bytes, folder: bytes, sha1: str, lay: Lay) -> bytes:
    """Lay a picture under its own name, or with a number where that is taken; where it lies now."""
    source, name = os.path.realpath(path), os.path.basename(path)  # noqa: PTH119 - bytes
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - bytes
    number = 1
    while True:
        to = os.path.join(folder, name if number == 1 else b"%s-%d%s" % (stem, number, ending))  # noqa: PTH118 - bytes
        try:
            lay(source, to, sha1)
        except FileExistsError:
            number += 1
        else:
            return to


def _link(path: bytes, to: bytes, _sha1: str) -> None:
    os.link(path, to)


def _copy(path: bytes, to: bytes, sha1: str) -> None:
    copy(path, to, "sha1", sha1)


def _failure(picture: Json, reason: str) -> Json:
    encoded = {"path_b64": picture["path_b64"]} if "path_b64" in picture else {}
    return {"path": picture["path"], **encoded, "reason": reason}
