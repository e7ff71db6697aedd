"""Links from a report to the files that it speaks of."""

from base64 import b64decode
from urllib.parse import quote


def file_url(path: str, path_b64: str | None) -> str | None:
    """The ``file:`` URL (RFC 8089) of an absolute path; None for anything else.

    Args:
        path: as it is shown.
        path_b64: its bytes in Base64 where the text does not say it all.
    """
    raw = b64decode(path_b64) if path_b64 is not None else path.encode("utf-8", "backslashreplace")
    if not raw.startswith(b"/"):
        return None
    # Two slashes at the front would make the first folder a host.
    return f"file:///{quote(raw.lstrip(b'/'))}"
