"""Whatever goes wrong, the client gets one shape: a code, a message, a hint and a path."""

import logging
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.api.border import BODY_BYTES
from simd.api.requests import PresetName, read_path
from simd.core.errors import BadRequest, CatalogueError, NotFound, SimdError, TimedOut, UnreadableImage
from simd.core.presets import PRESETS
from tests.api.door import Door
from tests.api.test_answers import upload


def fault(door: Door, *request: Any) -> tuple[int, str, str]:
    """Status, code and message of a request that fails, after checking the shape."""
    reply = door.ask(*request)
    assert ["error"] == list(reply.json)
    error = reply.json["error"]
    assert ["code", "message", "hint", "path"] == list(error)
    return reply.status, error["code"], error["message"]


@pytest.mark.parametrize(
    ("target", "body", "message"),
    [
        ("/v1/query", {"path": "/a", "presett": "strict"}, "presett is unknown"),
        (
            "/v1/query",
            {"path": "/a", "preset": "lose"},
            "preset: Input should be 'strict', 'default' or 'loose'",
        ),
        ("/v1/query", {"path": "/a", "radius": "4"}, "radius: Input should be a valid integer"),
        ("/v1/query", {"path": "/a", "top": 0}, "top: Input should be greater than or equal to 1"),
        ("/v1/query", {"id": 2**63}, "id: Input should be less than or equal to 9223372036854775807"),
        ("/v1/query", {}, "a picture is exactly one of path, path_b64 and id"),
        ("/v1/query", {"path": "/a", "id": 1}, "a picture is exactly one of path, path_b64 and id"),
        ("/v1/query", {"path": "/a", "path_b64": "L2E="}, "path and path_b64 exclude each other"),
        ("/v1/query", {"path": "photos/a.jpg"}, "path is not an absolute path"),
        ("/v1/query", {"path": "/a\0b"}, "path is not an absolute path"),
        ("/v1/query", {"path_b64": "///"}, "path_b64 is not Base64: Incorrect padding"),
        ("/v1/query", b"[" * 100_000, "the body is not JSON"),
        ("/v1/query", b"", "the body is not JSON"),
        ("/v1/query", [1], "the body is not a JSON object sent as application/json"),
        ("/v1/query?preset=strict", {"path": "/a"}, "a query in JSON has its options in the body"),
        ("/v1/compare", {"a": "/a"}, "b is missing"),
        ("/v1/compare", {"a": {"pth": "/a"}, "b": 1}, "a.pth is unknown"),
        ("/v1/compare", {"a": True, "b": 1}, "a.id: Input should be a valid integer"),
        ("/v1/scan", {"paths": ["/a", "b"]}, "path is not an absolute path"),
        ("/v1/scan", {"paths": [{}]}, "path is missing"),
        ("/v1/scan", {"rehash": "yes"}, "rehash: Input should be a valid boolean"),
        ("/v1/sync", {"timeout": -1}, "timeout: Input should be greater than or equal to 0"),
        ("/v1/sync", b'{"timeout": NaN}', "timeout: Input should be a finite number"),
        ("/v1/sync", b"{timeout", "the body is not JSON"),
    ],
)
def test_bad_body_names_the_field(door: Door, target: str, body: Any, message: str) -> None:
    """A body that does not have the agreed shape is refused with the field at fault."""
    headers = {"Content-Type": "application/json"}

    status, code, said = fault(door, "POST", target, body, headers)

    assert (400, "bad-request") == (status, code)
    assert message in said
    assert [] == door.service.asked


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/v1/groups?limit=0", "limit: Input should be greater than or equal to 1"),
        ("/v1/groups?limit=1001", "limit: Input should be less than or equal to 1000"),
        ("/v1/groups?limmit=5", "limmit is unknown"),
        ("/v1/groups?grouping=chain", "grouping: Input should be 'star', 'complete' or 'transitive'"),
        ("/v1/groups?under=photos", "under is not an absolute path"),
        ("/v1/problems?limit=many", "limit: Input should be a valid integer"),
        ("/v1/images/first", "image_id: Input should be a valid integer"),
        ("/v1/images/99999999999999999999", "image_id: Input should be less than or equal to"),
        ("/v1/images", "path is missing"),
    ],
)
def test_bad_parameter_names_itself(door: Door, target: str, message: str) -> None:
    """A misspelt or impossible parameter is refused by name, never ignored."""
    status, code, said = fault(door, "GET", target)

    assert (400, "bad-request") == (status, code)
    assert message in said


def test_body_of_another_type_is_refused_with_what_to_send(door: Door) -> None:
    """JSON sent as a form, which is what curl does by default, is explained."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    said = fault(door, "POST", "/v1/sync", b'{"timeout": 1}', headers)

    assert (400, "bad-request", "the body is not a JSON object sent as application/json") == said


@pytest.mark.parametrize(
    ("method", "target", "said"),
    [
        ("GET", "/v1/nothing", (404, "not-found", "there is no GET /v1/nothing")),
        ("GET", "/docs", (404, "not-found", "there is no GET /docs")),
        ("GET", "/v1/status/", (404, "not-found", "there is no GET /v1/status/")),
        ("DELETE", "/v1/images/3", (405, "bad-request", "DELETE /v1/images/3 is not allowed")),
    ],
)
def test_unknown_routes_have_the_same_shape(
    door: Door, method: str, target: str, said: tuple[int, str, str]
) -> None:
    """Even a question that nobody answers gets an answer that a client can read."""
    assert said == fault(door, method, target)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest("no such preset", hint="take strict", path="/a"), 400),
        (NotFound("no such image"), 404),
        (UnreadableImage("the file ends early", path="/photos/bad.jpg"), 422),
        (TimedOut("still busy", hint="wait longer"), 504),
        (CatalogueError("the catalogue cannot be read"), 500),
    ],
)
def test_errors_of_the_service_cross_with_all_they_say(door: Door, error: SimdError, status: int) -> None:
    """Code, message, hint and path of an error of ours arrive, under its own HTTP status."""
    door.service.error = error

    reply = door.ask("GET", "/v1/status")

    said = {"code": error.code, "message": error.message, "hint": error.hint, "path": error.path}
    assert (status, {"error": said}) == (reply.status, reply.json)


def test_unforeseen_error_is_logged_and_not_shown(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """A bug answers 500 without its inside, which the log has."""
    door.service.error = ZeroDivisionError("secret inside")
    with caplog.at_level(logging.ERROR):
        reply = door.ask("GET", "/v1/status")

    assert (500, "failed") == (reply.status, reply.json["error"]["code"])
    assert b"secret" not in reply.body
    assert b"Traceback" not in reply.body
    assert "secret inside" in caplog.text


def test_oversized_bodies_are_refused_and_read_to_their_end(door: Door) -> None:
    """A sender of too much gets to read why, and nothing of it reaches the service."""
    said = fault(door, "POST", "/v1/scan", b" " * (8 * BODY_BYTES), {"Content-Type": "application/json"})

    assert (413, "bad-request", "the body is larger than 1 MiB") == said
    assert [] == door.service.asked


@pytest.mark.parametrize(
    "body",
    [
        upload("picture", b"x")[0],
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--b--\r\n',
        b"--b\r\nContent-Dispo",
        b"no multipart at all",
        b"",
    ],
)
def test_multipart_without_the_file_is_refused(
    door: Door, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A form without the agreed field, or cut short, is the client's mistake: no crash, no line in a log."""
    status, code, _ = fault(
        door, "POST", "/v1/query", body, {"Content-Type": "multipart/form-data; boundary=b"}
    )

    assert (400, "bad-request") == (status, code)
    assert [] == door.service.asked
    assert [] == caplog.records


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 300_000,
        b'{"paths":' * 100_000,
        b'{"timeout":' + b"9" * 90_000 + b"}",
        b"\xff\xfe{}",
        b'"\\ud800"',
    ],
)
@pytest.mark.parametrize("target", ["/v1/query", "/v1/scan", "/v1/compare", "/v1/sync"])
def test_monstrous_json_is_a_bad_request(door: Door, target: str, body: bytes) -> None:
    """Nested without end, numbers without end, or not even text: the parsers give up, the daemon does not."""
    status, code, _ = fault(door, "POST", target, body, {"Content-Type": "application/json"})

    assert (400, "bad-request") == (status, code)
    assert [] == door.service.asked


def test_presets_of_the_door_are_those_of_the_core() -> None:
    """The names that the door admits are exactly the presets that exist."""
    assert set(PRESETS) == set(get_args(PresetName))


@given(st.text())
def test_any_text_is_a_path_or_a_bad_request(text: str) -> None:
    """Every text that names a path gives an absolute one without a trailing slash, or is refused."""
    try:
        path = read_path("/" + text, None)
    except BadRequest:
        assert "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
    else:
        assert path is not None
        assert path.startswith(b"/")
        assert path == b"/" or not path.endswith(b"/")
        assert b"//" not in path
