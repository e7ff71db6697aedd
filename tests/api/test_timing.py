"""Requests are counted and timed by the route that they took, and by nothing that a client may choose."""

from collections.abc import Mapping

import pytest

from simd.api.timing import REQUEST_SECONDS, REQUESTS
from simd.core.errors import Failed, NotFound
from simd.runtime.instruments import OTHER
from tests.api.door import Door, read_all


def _counted() -> dict[tuple[str, str], float]:
    return {(m.labels["endpoint"], m.labels["outcome"]): m.value for m in REQUESTS.samples()}


def _timed() -> dict[str, float]:
    return {m.labels["endpoint"]: m.value for m in REQUEST_SECONDS.samples() if m.suffix == "_count"}


def _rise(before: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return {key: value - before.get(key, 0) for key, value in _counted().items() if value != before.get(key)}


@pytest.mark.parametrize(
    ("method", "target", "error", "endpoint", "outcome"),
    [
        ("GET", "/v1/status", None, "GET /v1/status", "ok"),
        ("GET", "/v1/images/3", None, "GET /v1/images/{image_id}", "ok"),
        ("GET", "/v1/images/4", NotFound("no"), "GET /v1/images/{image_id}", "refused"),
        ("GET", "/v1/images/x", None, "GET /v1/images/{image_id}", "refused"),
        ("GET", "/v1/images?path=/p/a.jpg", None, "GET /v1/images", "ok"),
        ("GET", "/v1/status", Failed("no"), "GET /v1/status", "failed"),
        ("GET", "/no/such/path", None, OTHER, "refused"),
        ("BREW", "/v1/status", None, OTHER, "refused"),
    ],
)
def test_each_request_counts_once_under_its_route(
    door: Door, method: str, target: str, error: Exception | None, endpoint: str, outcome: str
) -> None:
    """The parameters of a path, an unknown path and an unknown method make no series of their own."""
    door.service.error = error
    counted, timed = _counted(), _timed()

    door.ask(method, target)

    assert {(endpoint, outcome): 1.0} == _rise(counted)
    assert {endpoint: timed.get(endpoint, 0) + 1} == {
        key: value for key, value in _timed().items() if value != timed.get(key)
    }


def test_queries_are_told_to_the_service(door: Door) -> None:
    """A query past the routing counts like any other, and the service hears how long a good one took."""
    door.service.query_seconds.clear()
    before = _counted()

    door.ask("POST", "/v1/query", {"path": "/p/a.jpg"})
    door.ask("POST", "/v1/query", {"path": "relative"})
    door.ask("GET", "/v1/status")

    assert 1.0 == _rise(before)["POST /v1/query", "ok"]
    assert 1.0 == _rise(before)["POST /v1/query", "refused"]
    assert 1 == len(door.service.query_seconds)
    assert 0 < door.service.query_seconds[0]


def test_event_streams_are_counted_and_not_timed(door: Door) -> None:
    """A stream lasts as long as its listener, so that its length would say nothing."""
    before, timed = _counted(), _timed()
    with door.connect() as listener:
        listener.sendall(b"GET /v1/events HTTP/1.0\r\n\r\n")
        listener.recv(1_000)
        door.service.broadcast.close()
        read_all(listener)
    door.ask("GET", "/v1/status")

    assert 1.0 == _rise(before)["GET /v1/events", "ok"]
    assert "GET /v1/events" not in _timed().keys() - timed.keys()
