"""Paths as text: what a person reads, and what a program can turn back into bytes.

A file name on Linux is any bytes without ``/`` and NUL. Text that is not UTF-8 is
escaped for reading, and travels beside it as Base64 so that nothing is lost.
"""

from base64 import b64encode


def display_path(path: bytes) -> str:
    r"""The path as text; bytes that are not UTF-8 are escaped like ``\xff``.

    The text always encodes as UTF-8. Where :func:`path_b64` is None, that gives the path back.
    """
    return path.decode("utf-8", "backslashreplace")


def path_b64(path: bytes) -> str | None:
    """The path in Base64 (RFC 4648, section 4), or None when its text says it all."""
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return b64encode(path).decode("ascii")
    return None
