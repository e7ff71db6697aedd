"""HTTP requests as bytes.

They are HTTP/1.0, so the server closes the connection after its answer and the body ends
where the stream does.
"""

import os
from collections.abc import Mapping

JSON_TYPE = "application/json"

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def request(method: str, target: str, content_type: str | None = None, length: int = 0) -> bytes:
    """The head of a request whose body, if any, has ``length`` bytes of ``content_type``."""
    lines = [f"{method} {target} HTTP/1.0", "Host: simd", f"Accept: {JSON_TYPE}"]
    if content_type is not None:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def target(path: str, params: Mapping[str, object] | None) -> str:
    """The path with its query string (RFC 3986); parameters that are None are left out."""
    pairs = [
        f"{name}={_percent(_plain(value))}" for name, value in (params or {}).items() if value is not None
    ]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _percent(text: str) -> str:
    encoded = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in encoded)


def form_frame(name: str) -> tuple[str, bytes, bytes]:
    """A multipart form with one field ``file``: its content type, and what surrounds the data.

    Args:
        name: the file name to state; it is for display at the other end.
    """
    boundary = f"simd-{os.urandom(16).hex()}"
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    before = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    after = f"\r\n--{boundary}--\r\n"
    return (
        f"multipart/form-data; boundary={boundary}",
        before.encode("utf-8", "backslashreplace"),
        after.encode("ascii"),
    )
