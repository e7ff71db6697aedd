"""Targets: the URLs that name whom a message goes to, and how to speak of one without its secrets."""

import re
from urllib.parse import urlsplit

HIDDEN = "***"
"""Stands for what must not be shown."""

_TARGET = re.compile(r"([a-z][a-z0-9+.-]{0,31})://\S*", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:]{2,45}", re.ASCII)

_ADDRESSED = frozenset(
    {
        "apprise",
        "apprises",
        "form",
        "forms",
        "gotify",
        "gotifys",
        "json",
        "jsons",
        "mailto",
        "mailtos",
        "mqtt",
        "mqtts",
        "xml",
        "xmls",
    }
)
"""Schemes in which a machine stands where a URL has its host. Others put a token or a topic there."""


def check_target(text: str) -> str:
    """The target itself, when it has the form of one; whether there is such a service is not asked.

    Raises:
        ValueError: it has not; the message does not repeat it.
    """
    if not _TARGET.fullmatch(text):
        raise ValueError(
            "expected the URL of a service without blanks, such as ntfy://ntfy.sh/TOPIC "
            "or mailto://USER:PASSWORD@example.org"
        )
    return text


def hidden(target: str) -> str:
    """A target by its scheme and, where that is no secret, its host: ``mailto://example.org``."""
    match = _TARGET.match(target)
    if not match:
        return HIDDEN
    scheme = match[1].lower()
    return f"{scheme}://{_host(target) if scheme in _ADDRESSED else HIDDEN}"


def _host(target: str) -> str:
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return HIDDEN
    # A password with a slash or question mark in it would make a host of its own beginning, one that has the
    # sign before a host in it would make one of its end.
    astray = target.count("@") > min(parts.netloc.count("@"), 1)
    return HIDDEN if astray or not _HOST.fullmatch(host) else host
