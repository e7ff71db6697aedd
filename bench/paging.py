"""Reading every page of a list that the daemon gives."""

from collections.abc import Iterator
from typing import Any

from simd.client.http import Client


def all_groups(client: Client) -> Iterator[dict[str, Any]]:
    """Every duplicate group."""
    cursor = None
    while True:
        page = client.get("/v1/groups", {"cursor": cursor})
        yield from page["groups"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
