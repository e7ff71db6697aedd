"""Each endpoint asks the service what its request says, and sends what the service answers."""

import dataclasses
import enum
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from simd.api.calls import QUICK_THREADS
from simd.core.answers import MatchKind
from simd.core.encoding import encode
from simd.core.grouping import Grouping
from simd.core.questions import GroupOptions, QueryOptions, QuerySubject
from tests.api import samples
from tests.api.door import PATIENCE, Door

PATH = QuerySubject(path=b"/photos/a.jpg")
DEFAULTS = QueryOptions()
NON_UTF8 = b"/photos/caf\xe9.jpg"
NON_UTF8_B64 = "L3Bob3Rvcy9jYWbpLmpwZw=="


def spelt_out(value: Any) -> Any:
    """A plain reading of the protocol: fields by name, and paths in Base64 only where there are any."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: spelt_out(getattr(value, part.name)) for part in dataclasses.fields(value)}
        return {name: part for name, part in parts.items() if not (name.endswith("_b64") and part is None)}
    if isinstance(value, tuple):
        return [spelt_out(part) for part in value]
    return value.value if isinstance(value, enum.Enum) else value


@pytest.mark.parametrize(
    ("request_", "call", "answer"),
    [
        (("GET", "/v1/status", None), ("status",), samples.STATUS),
        (("GET", "/v1/pulse", None), ("pulse",), samples.PULSE),
        (("POST", "/v1/sync", {"timeout": 2}), ("sync", 2), samples.SYNCED),
        (("POST", "/v1/sync", None), ("sync", 60), samples.SYNCED),
        (("POST", "/v1/scan", None), ("scan", None, False, False), samples.SCAN_STARTED),
        (("POST", "/v1/rematch", None), ("rematch",), samples.REMATCH_STARTED),
        (
            (
                "POST",
                "/v1/scan",
                {"paths": ["/photos/", {"path_b64": NON_UTF8_B64}], "rehash": True, "accept_missing": True},
            ),
            ("scan", [b"/photos", NON_UTF8], True, True),
            samples.SCAN_STARTED,
        ),
        (("POST", "/v1/query", {"path": "/photos/a.jpg"}), ("query", PATH, DEFAULTS), samples.QUERY),
        (
            ("POST", "/v1/query", {"id": 3, "preset": "loose", "radius": 4, "top": 5, "transforms": True}),
            (
                "query",
                QuerySubject(image_id=3),
                QueryOptions(preset="loose", radius=4, top=5, transforms=True),
            ),
            samples.QUERY,
        ),
        (("GET", "/v1/groups", None), ("groups", GroupOptions()), samples.GROUPS),
        (
            (
                "GET",
                "/v1/groups?preset=strict&grouping=complete&kind=near&under=/photos/x/..&limit=5&cursor=c",
                None,
            ),
            (
                "groups",
                GroupOptions(
                    preset="strict",
                    grouping=Grouping.COMPLETE,
                    kind=MatchKind.NEAR,
                    under=b"/photos",
                    limit=5,
                    cursor="c",
                ),
            ),
            samples.GROUPS,
        ),
        (("GET", "/v1/images/3", None), ("image", 3), samples.IMAGE_ANSWER),
        (
            ("GET", "/v1/images?path=/photos/a%26b%20c.jpg", None),
            ("image_at", b"/photos/a&b c.jpg"),
            samples.IMAGE_ANSWER,
        ),
        (("GET", "/v1/images?path=/photos/caf%E9.jpg", None), ("image_at", NON_UTF8), samples.IMAGE_ANSWER),
        (("GET", f"/v1/images?path_b64={NON_UTF8_B64}", None), ("image_at", NON_UTF8), samples.IMAGE_ANSWER),
        (
            ("POST", "/v1/compare", {"a": "/photos/a.jpg", "b": 3}),
            ("compare", PATH, QuerySubject(image_id=3)),
            samples.COMPARISON,
        ),
        (
            ("POST", "/v1/compare", {"a": {"path_b64": NON_UTF8_B64}, "b": {"id": 3}}),
            ("compare", QuerySubject(path=NON_UTF8), QuerySubject(image_id=3)),
            samples.COMPARISON,
        ),
        (("GET", "/v1/problems?limit=2&cursor=c", None), ("problems", 2, "c"), samples.PROBLEMS),
        (("GET", "/v1/doctor", None), ("doctor",), samples.DOCTOR),
        (("POST", "/v1/reload", None), ("reload",), samples.RELOADED),
        (("POST", "/v1/reports", None), ("make_report",), samples.REPORT),
        (("POST", "/v1/reports", {}), ("make_report",), samples.REPORT),
        (("GET", "/v1/reports", None), ("reports",), samples.REPORTS),
        (("GET", "/v1/reports/latest", None), ("report", "latest"), samples.REPORT),
        (("GET", "/v1/reports/2026-02-30", None), ("report", "2026-02-30"), samples.REPORT),
        (
            ("GET", "/v1/reports/diff?a=2026-11-20&b=latest", None),
            ("report_diff", "2026-11-20", "latest"),
            samples.REPORT_DIFF,
        ),
        (("POST", "/v1/notifications/test", None), ("test_notification",), samples.NOTIFIED),
    ],
)
def test_question_and_answer_pass_the_door(
    door: Door, request_: tuple[str, str, Any], call: tuple[Any, ...], answer: object
) -> None:
    """The request becomes the right call, and the answer becomes JSON with the agreed names."""
    reply = door.ask(*request_)

    assert (200, "application/json") == (reply.status, reply.headers["content-type"])
    assert [call] == door.service.asked
    assert spelt_out(answer) == reply.json


@pytest.mark.parametrize(
    ("target", "call", "answer"),
    [
        ("/v1/problems/retry", "retry_problems", {"retried": 1, "generation": samples.GENERATION}),
        ("/v1/pause", "pause", {"paused": True, "holds": [], "generation": samples.GENERATION}),
        ("/v1/resume", "resume", {"paused": False, "holds": [], "generation": samples.GENERATION}),
    ],
)
def test_commands_without_a_body(door: Door, target: str, call: str, answer: dict[str, Any]) -> None:
    """The commands need no body."""
    reply = door.ask("POST", target)

    assert (200, answer) == (reply.status, reply.json)
    assert [(call,)] == door.service.asked


def upload(field: str, data: bytes, name: str = "holiday.jpg") -> tuple[bytes, dict[str, str]]:
    """A multipart body with one file, and its header."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
    return head + data + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def test_upload_arrives_byte_for_byte(door: Door) -> None:
    """An upload larger than any buffer reaches the service whole, with its name and its options."""
    picture = bytes(range(256)) * 12_000
    body, headers = upload("file", picture)

    reply = door.ask("POST", "/v1/query?preset=strict&transforms=true&top=3&radius=2", body, headers)

    options = QueryOptions(preset="strict", radius=2, top=3, transforms=True)
    assert 200 == reply.status
    assert [("query", QuerySubject(upload=picture, name="holiday.jpg"), options)] == door.service.asked


def test_reports_in_the_making_leave_room_for_others(door: Door) -> None:
    """With more reports asked for than there are quick threads, a quick question is answered at once."""
    door.service.synced.clear()
    door.service.syncing.clear()
    with ThreadPoolExecutor(QUICK_THREADS + 1) as pool:
        waiting = [pool.submit(door.ask, "POST", "/v1/reports") for _ in range(QUICK_THREADS + 1)]
        assert door.service.syncing.wait(PATIENCE)
        assert 200 == door.ask("GET", "/v1/status").status
        assert not any(future.done() for future in waiting)
        door.service.synced.set()
        assert {200} == {future.result().status for future in waiting}


@pytest.mark.parametrize(
    "request_",
    [
        ("GET", "/v1/reports/diff", None),
        ("GET", "/v1/reports/diff?a=latest", None),
        ("GET", "/v1/reports/diff?b=latest", None),
        ("GET", "/v1/reports/diff?a=latest&b=latest&c=1", None),
        ("GET", f"/v1/reports/{'1' * 65}", None),
        ("POST", "/v1/reports", {"trigger": "nightly"}),
        ("POST", "/v1/reports", []),
        ("POST", "/v1/notifications/test", {"target": "json://x"}),
    ],
)
def test_questions_about_reports_that_make_no_sense(door: Door, request_: tuple[str, str, Any]) -> None:
    """What is missing, unknown or beyond all bounds is refused before the service is asked."""
    reply = door.ask(*request_)
    assert (400, "bad-request") == (reply.status, reply.json["error"]["code"])
    assert [] == door.service.asked


def test_every_json_answer_carries_the_generation(door: Door) -> None:
    """The generation is in each of the replies, as the contract says."""
    asked = ["status", "groups", "images/3", "problems", "doctor", "reports", "reports/latest"]
    assert [samples.GENERATION] * len(asked) == [
        door.ask("GET", f"/v1/{name}").json["generation"] for name in asked
    ]


def test_encoding_is_ascii_and_refuses_what_json_cannot_say() -> None:
    """Names outside ASCII are escaped, and a number that JSON lacks is an error, not a silent NaN."""
    assert b'{"name":"caf\\u00e9"}' == encode({"name": "café"})
    assert {"path": "/é"} == json.loads(encode({"path": "/é"}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"value": float("nan")})
    with pytest.raises(TypeError, match="bytes has no form in JSON"):
        encode({"value": b"/photos"})
