"""How a person names pictures and folders, and how the protocol does."""

import os
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


def bytes_of(part: Json) -> bytes:
    """The bytes of a path in an answer."""
    encoded = part.get("path_b64")
    return str(part["path"]).encode() if encoded is None else b64decode(encoded)


def _absolute(word: str) -> bytes:
    return os.path.abspath(os.fsencode(word))  # noqa: PTH100 - bytes, and links are not resolved
