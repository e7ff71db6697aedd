"""Verdicts pass the door: pictures by any of their names, and lines that were exported."""

from datetime import UTC, datetime
from typing import Any

import pytest

from simd.core.questions import PictureName
from simd.core.verdicts import GivenVerdict, VerdictKind
from tests.api import samples
from tests.api.door import Door
from tests.api.test_answers import NON_UTF8, NON_UTF8_B64, spelt_out

ONE, OTHER = "sha256:" + "ab" * 32, "sha256:" + "0c" * 32
MOMENT = "2026-11-21T18:30:00+00:00"
LINE = {"verdict": "series", "images": [ONE, OTHER], "since": "2026-11-21T19:30:00.5+01:00"}


def named(**name: Any) -> PictureName:
    """A picture."""
    return PictureName(**name)


@pytest.mark.parametrize(
    ("request_", "call", "answer"),
    [
        (
            ("POST", "/v1/verdicts", {"verdict": "different", "images": ["/photos/a.jpg", 3, ONE]}),
            (
                "mark",
                VerdictKind.DIFFERENT,
                [named(path=b"/photos/a.jpg"), named(image_id=3), named(digest=b"\xab" * 32)],
            ),
            samples.MARKED,
        ),
        (
            (
                "POST",
                "/v1/verdicts",
                {"verdict": "keep", "images": [{"path_b64": NON_UTF8_B64}, {"digest": ONE}, {"id": 3}]},
            ),
            (
                "mark",
                VerdictKind.KEEP,
                [named(path=NON_UTF8), named(digest=b"\xab" * 32), named(image_id=3)],
            ),
            samples.MARKED,
        ),
        (
            ("POST", "/v1/verdicts/unmark", {"images": ["/photos//x/../a.jpg"]}),
            ("unmark", [named(path=b"/photos/a.jpg")]),
            samples.UNMARKED,
        ),
        (("GET", "/v1/verdicts", None), ("verdicts", 100, None), samples.VERDICTS),
        (("GET", "/v1/verdicts?limit=2&cursor=c", None), ("verdicts", 2, "c"), samples.VERDICTS),
        (
            ("POST", "/v1/verdicts/import", {"verdicts": [LINE]}),
            (
                "accept_verdicts",
                [
                    GivenVerdict(
                        VerdictKind.SERIES,
                        (b"\x0c" * 32, b"\xab" * 32),
                        datetime(2026, 11, 21, 18, 30, tzinfo=UTC),
                    )
                ],
            ),
            samples.MARKED,
        ),
        (("POST", "/v1/verdicts/import", {"verdicts": []}), ("accept_verdicts", []), samples.MARKED),
    ],
)
def test_question_and_answer_pass_the_door(
    door: Door, request_: tuple[str, str, Any], call: tuple[Any, ...], answer: object
) -> None:
    """The request becomes the right call, and the answer becomes JSON with the agreed names."""
    reply = door.ask(*request_)
    assert (200, spelt_out(answer)) == (reply.status, reply.json)
    assert [call] == door.service.asked


@pytest.mark.parametrize(
    ("target", "body", "message"),
    [
        ("", {"verdict": "perhaps", "images": [1, 2]}, "verdict: Input should be 'different', 'series' or"),
        ("", {"verdict": "keep"}, "images is missing"),
        (
            "",
            {"verdict": "keep", "images": [{}]},
            "a picture is exactly one of path, path_b64, id and digest",
        ),
        ("", {"verdict": "keep", "images": [{"id": 1, "digest": ONE}]}, "a picture is exactly one of"),
        ("", {"verdict": "keep", "images": ["sha256:ab"]}, "images.0.digest: String should match pattern"),
        ("", {"verdict": "keep", "images": ["a.jpg"]}, "path is not an absolute path"),
        ("", {"verdict": "keep", "images": [1], "since": MOMENT}, "since is unknown"),
        ("/unmark", {"images": [True]}, "images.0.id: Input should be a valid integer"),
        ("/unmark", {"verdict": "keep", "images": [1]}, "verdict is unknown"),
        ("/import", {"verdicts": [LINE | {"images": [ONE]}]}, "verdicts.0: images is not a list of 2"),
        ("/import", {"verdicts": [LINE, LINE | {"since": "today"}]}, "verdicts.1: since is not a moment"),
        ("/import", {"verdicts": [LINE | {"images": [ONE, "x"]}]}, "String should match pattern"),
        ("/import", {"verdicts": [{"verdict": "keep", "images": [ONE]}]}, "verdicts.0.since is missing"),
    ],
)
def test_what_makes_no_sense_is_refused(door: Door, target: str, body: dict[str, Any], message: str) -> None:
    """With the field at fault, and the service is not asked."""
    reply = door.ask("POST", f"/v1/verdicts{target}", body)
    assert (400, "bad-request") == (reply.status, reply.json["error"]["code"])
    assert message in reply.json["error"]["message"]
    assert [] == door.service.asked
