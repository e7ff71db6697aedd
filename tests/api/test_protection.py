"""Protection and keep rules pass the door: paths in both forms, rules as a list, and nothing else."""

from typing import Any

import pytest

from simd.core.keeprules import parse_rules
from simd.core.questions import GroupOptions
from tests.api import samples
from tests.api.door import Door
from tests.api.test_answers import NON_UTF8, NON_UTF8_B64, spelt_out

BODY = {"paths": ["/photos//x/../kept", {"path_b64": NON_UTF8_B64}]}


@pytest.mark.parametrize(
    ("request_", "call", "answer"),
    [
        (("GET", "/v1/protected", None), ("protected",), samples.PROTECTED),
        (
            ("POST", "/v1/protect", BODY),
            ("protect", [b"/photos/kept", NON_UTF8]),
            samples.PROTECTION_CHANGED,
        ),
        (
            ("POST", "/v1/unprotect", BODY),
            ("unprotect", [b"/photos/kept", NON_UTF8]),
            samples.PROTECTION_CHANGED,
        ),
        (
            ("GET", "/v1/groups?keep=prefer:/caf%E9,name", None),
            ("groups", GroupOptions(keep=parse_rules("prefer:/caf\udce9,name"))),
            samples.GROUPS,
        ),
    ],
)
def test_each_question_is_asked_as_it_was_meant(
    door: Door, request_: tuple[str, str, Any], call: tuple[Any, ...], answer: object
) -> None:
    """And answered with the whole answer."""
    reply = door.ask(*request_)
    assert (200, spelt_out(answer)) == (reply.status, reply.json)
    assert [call] == door.service.asked


@pytest.mark.parametrize(
    ("method", "target", "body", "message"),
    [
        ("POST", "/v1/protect", {}, "paths is missing"),
        ("POST", "/v1/protect", {"paths": []}, "paths: List should have at least 1 item"),
        ("POST", "/v1/protect", {"paths": ["kept"]}, "path is not an absolute path"),
        ("POST", "/v1/unprotect", {"paths": [{}]}, "path is missing"),
        ("GET", "/v1/groups?keep=", None, "keep: there is no keep rule ''"),
        ("GET", "/v1/groups?keep=size", None, "no keep rule 'size': the rules are prefer:FOLDER, protected,"),
        ("GET", "/v1/groups?keep=path,path", None, "keep: path can decide nothing after path"),
        ("GET", "/v1/groups?keep=prefer:photos", None, "prefer: takes an absolute path"),
    ],
)
def test_what_makes_no_sense_is_refused(
    door: Door, method: str, target: str, body: dict[str, Any] | None, message: str
) -> None:
    """With the field at fault, and the service is not asked."""
    reply = door.ask(method, target, body)
    assert (400, "bad-request") == (reply.status, reply.json["error"]["code"])
    assert message in reply.json["error"]["message"]
    assert [] == door.service.asked
