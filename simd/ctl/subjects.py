"""How a person names pictures, folders and keep rules, and how the protocol does."""

import os
import re
from base64 import b64decode

from simd.core.display import display_path, path_b64
from simd.core.wire import Json


def path_fields(word: str, name: str = "path") -> Json:
    """The fields that carry a path: made absolute, links left as they are, and no byte lost.

    Args:
        word: the path as it came from the command line.
        name: the field; where the path is not UTF-8 it is ``name_b64`` instead.
    """
    path = _absolute(word)
    encoded = path_b64(path)
    return {name: display_path(path)} if encoded is None else {f"{name}_b64": encoded}


def shown_path(word: str) -> Json:
    """The fields by which answers name a path: text for reading, and bytes where that loses any."""
    path = _absolute(word)
    encoded = path_b64(path)
    return {"path": display_path(path)} | ({} if encoded is None else {"path_b64": encoded})


def picture_fields(word: str) -> Json:
    """The fields that name a picture: a number is an image's id, all else is a path (``./12``)."""
    return {"id": int(word)} if is_id(word) else path_fields(word)


def is_id(word: str) -> bool:
    """Whether the word is an image's id."""
    return word.isascii() and word.isdigit()


def bytes_of(part: Json, name: str = "path") -> bytes:
    """The bytes of a path in an answer; ``name`` is that of the field."""
    encoded = part.get(f"{name}_b64")
    return str(part[name]).encode() if encoded is None else b64decode(encoded)


def keep_rules(given: list[str] | None) -> str | None:
    r"""Every ``--keep`` as one list of rules with absolute folders; ``\,`` is a comma within one.

    None when there is none. Bytes of a folder that are not UTF-8 are surrogate escapes, as they came.
    """
    return None if given is None else ",".join(_rule(word) for each in given for word in _parted(each))


def keep_fields(given: list[str] | None) -> Json:
    """The fields that carry :func:`keep_rules` in a body."""
    rules = keep_rules(given)
    if rules is None:
        return {}
    encoded = path_b64(os.fsencode(rules))
    return {"keep": rules} if encoded is None else {"keep_b64": encoded}


def _parted(rules: str) -> list[str]:
    return re.split(r"(?<!\\),", rules)


def _rule(word: str) -> str:
    name, _, folder = word.partition(":")
    if name != "prefer" or not folder:
        return word
    # The catalogue knows files by the folders that they lie in, and no shell expands a tilde here.
    path = os.path.realpath(os.path.expanduser(folder.replace(r"\,", ",")))  # noqa: PTH111 - any bytes
    escaped = path.replace(",", r"\,")
    return f"{name}:{escaped}"


def _absolute(word: str) -> bytes:
    return os.path.abspath(os.fsencode(word))  # noqa: PTH100 - bytes, and links are not resolved
