"""docs/protocol.md speaks of every endpoint that there is, and of none that there is not."""

import re
from pathlib import Path
from typing import Any

import pytest

from simd.api import create_app
from tests.api.stand_in import StandIn

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
_ENDPOINT = re.compile(r"\b(GET|POST|PUT|DELETE) (/[a-z0-9_./{}-]*[a-z0-9}])")


@pytest.fixture(scope="module")
def endpoints() -> set[tuple[str, str]]:
    """Method and path of every endpoint; parameters keep only their braces."""
    paths: dict[str, dict[str, Any]] = create_app(StandIn()).openapi()["paths"]
    listed = {(method.upper(), _plain(path)) for path, methods in paths.items() for method in methods}
    return listed | {("GET", "/openapi.json")}


def test_every_endpoint_is_described(endpoints: set[tuple[str, str]]) -> None:
    """An endpoint that the document forgets is named by this failure."""
    assert set() == endpoints - _described()


def test_nothing_else_is_described(endpoints: set[tuple[str, str]]) -> None:
    """An endpoint that the document invents is named by this failure."""
    assert set() == _described() - endpoints


def _described() -> set[tuple[str, str]]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return {(method, _plain(path)) for method, path in _ENDPOINT.findall(text)}


def _plain(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
