"""Plans pass the door: what is wished for arrives as it was meant, and nothing that makes no sense."""

from datetime import timedelta
from typing import Any

import pytest

from simd.api.border import BODY_BYTES, PLAN_BYTES
from simd.core.actions.model import ActionName, PlanRequest, Removal
from simd.core.actions.words import Action, StepState
from simd.core.answers import MatchKind
from simd.core.errors import NotFound, Unavailable
from simd.core.grouping import Grouping
from simd.core.keeprules import parse_rules
from tests.api import plan_samples as samples
from tests.api.door import Door
from tests.api.test_answers import NON_UTF8, NON_UTF8_B64, spelt_out

REMOVAL = {"path": "/photos/b.jpg", "kept": ["/photos/a.jpg", {"path_b64": NON_UTF8_B64}]}
FULL = {
    "action": "trash",
    "groups": ["4", "17"],
    "under": ["/photos//x/../phone", {"path_b64": NON_UTF8_B64}],
    "kind": "near",
    "preset": "strict",
    "grouping": "complete",
    "keep": "name,path",
    "permanently": True,
}
FULL_REQUEST = PlanRequest(
    action=Action.TRASH,
    groups=(4, 17),
    under=(b"/photos/phone", NON_UTF8),
    kind=MatchKind.NEAR,
    preset="strict",
    grouping=Grouping.COMPLETE,
    keep=parse_rules("name,path"),
    permanently=True,
)


@pytest.mark.parametrize(
    ("request_", "call", "answer"),
    [
        (("POST", "/v1/plans", {}), ("plan", PlanRequest()), samples.PLAN),
        (("POST", "/v1/plans", FULL), ("plan", FULL_REQUEST), samples.PLAN),
        (
            ("POST", "/v1/plans", {"keep_b64": "cHJlZmVyOi9jYWbp", "groups": []}),
            ("plan", PlanRequest(keep=parse_rules("prefer:/caf\udce9"), groups=())),
            samples.PLAN,
        ),
        (
            ("POST", "/v1/plans", {"removals": [REMOVAL]}),
            ("plan", PlanRequest(removals=(Removal(b"/photos/b.jpg", (b"/photos/a.jpg", NON_UTF8)),))),
            samples.PLAN,
        ),
        (("GET", "/v1/plans", None), ("plans", 100, None), samples.PLANS),
        (("GET", "/v1/plans?limit=2&cursor=c", None), ("plans", 2, "c"), samples.PLANS),
        (("GET", "/v1/plans/7", None), ("plan_at", 7, 100, None, None), samples.PLAN),
        (
            ("GET", "/v1/plans/7?limit=2&cursor=c&state=refused", None),
            ("plan_at", 7, 2, "c", StepState.REFUSED),
            samples.PLAN,
        ),
        (("POST", "/v1/plans/7/apply", None), ("apply", 7, False), samples.OUTCOME),
        (("POST", "/v1/plans/7/apply", {"dry_run": True}), ("apply", 7, True), samples.OUTCOME),
        (("POST", "/v1/undo", {"action": "7"}), ("undo", ActionName(7)), samples.OUTCOME),
        (("POST", "/v1/undo", {"action": "7.3"}), ("undo", ActionName(7, 3)), samples.OUTCOME),
        (
            ("POST", "/v1/restore", {"paths": ["/photos/b.jpg", {"path_b64": NON_UTF8_B64}]}),
            ("restore", [b"/photos/b.jpg", NON_UTF8]),
            samples.OUTCOME,
        ),
        (
            ("POST", "/v1/purge", {"older_than": 2_592_000, "dry_run": True}),
            ("purge", timedelta(days=30), True),
            samples.OUTCOME,
        ),
        (("POST", "/v1/purge", {"older_than": 0.0}), ("purge", timedelta(), False), samples.OUTCOME),
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
        ("plans", {"action": "burn"}, "action: Input should be 'quarantine', 'trash', 'hardlink', 'reflink'"),
        ("plans", {"groups": [4]}, "groups.0: Input should be a valid string"),
        ("plans", {"groups": ["g4"]}, "groups.0: String should match pattern"),
        ("plans", {"groups": ["9" * 19]}, "groups.0: String should match pattern"),
        ("plans", {"groups": ["4"], "removals": [REMOVAL]}, "groups and removals exclude each other"),
        ("plans", {"removals": [{"path": "/b", "kept": []}]}, "removals.0.kept: List should have at least 1"),
        ("plans", {"removals": [{"path": "/b"}]}, "removals.0.kept is missing"),
        ("plans", {"removals": [{"kept": ["/a"]}]}, "path is missing"),
        ("plans", {"under": ["photos"]}, "path is not an absolute path"),
        ("plans", {"under": "/photos"}, "under: Input should be a valid list"),
        ("plans", {"kind": "same"}, "kind: Input should be 'identical' or 'near'"),
        ("plans", {"preset": "tight"}, "preset: Input should be 'strict', 'default' or 'loose'"),
        ("plans", {"grouping": "x"}, "grouping: Input should be 'star', 'complete' or 'transitive'"),
        ("plans", {"keep": "size"}, "keep: there is no keep rule 'size'"),
        ("plans", {"keep": "name", "keep_b64": "bmFtZQ=="}, "keep and keep_b64 exclude each other"),
        ("plans", {"keep_b64": "?"}, "keep_b64 is not Base64"),
        ("plans", {"permanently": 1}, "permanently: Input should be a valid boolean"),
        ("plans", {"groupes": ["4"]}, "groupes is unknown"),
        ("plans/7/apply", {"dry_run": "yes"}, "dry_run: Input should be a valid boolean"),
        ("plans/7/apply", {"force": True}, "force is unknown"),
        ("plans/0/apply", {}, "plan_id: Input should be greater than or equal to 1"),
        ("plans/x/apply", {}, "plan_id: Input should be a valid integer"),
        ("undo", {}, "action is missing"),
        ("undo", {"action": 7}, "action: Input should be a valid string"),
        ("undo", {"action": "7.3.1"}, "action: String should match pattern"),
        ("undo", {"action": "7\n"}, "action: String should match pattern"),
        ("restore", {"paths": []}, "paths: List should have at least 1 item"),
        ("restore", {"paths": ["b.jpg"]}, "path is not an absolute path"),
        ("purge", {}, "older_than is missing"),
        ("purge", {"older_than": -1}, "older_than: Input should be greater than or equal to 0"),
        ("purge", {"older_than": 1e300}, "older_than: Input should be less than or equal to"),
        ("purge", {"older_than": "30d"}, "older_than: Input should be a valid number"),
    ],
)
def test_what_makes_no_sense_is_refused(door: Door, target: str, body: dict[str, Any], message: str) -> None:
    """With the field at fault, and the service is not asked."""
    reply = door.ask("POST", f"/v1/{target}", body)
    assert (400, "bad-request") == (reply.status, reply.json["error"]["code"])
    assert message in reply.json["error"]["message"]
    assert [] == door.service.asked


def test_pages_of_steps_know_their_states(door: Door) -> None:
    """A state that there is not is refused with those that there are."""
    reply = door.ask("GET", "/v1/plans/7?state=lost")
    assert 400 == reply.status
    assert "state: Input should be 'planned', 'doing', 'done'" in reply.json["error"]["message"]


@pytest.mark.parametrize(("error", "status"), [(NotFound("no plan"), 404), (Unavailable("busy"), 503)])
def test_refusals_of_the_service_pass(door: Door, error: Exception, status: int) -> None:
    """As what they are."""
    door.service.error = error
    assert status == door.ask("POST", "/v1/plans/7/apply").status


def test_a_plan_may_name_many_files(door: Door) -> None:
    """More than fit into an ordinary body; but what is larger still is refused, unread."""
    removals = [REMOVAL | {"path": f"/photos/{number:0200d}.jpg"} for number in range(5_000)]
    assert 200 == door.ask("POST", "/v1/plans", {"removals": removals}).status
    ((_, request),) = door.service.asked
    assert (5_000, f"/photos/{4_999:0200d}.jpg".encode()) == (
        len(request.removals),
        request.removals[-1].path,
    )
    assert 413 == door.ask("POST", "/v1/plans", b" " * (PLAN_BYTES + 1)).status
    assert 413 == door.ask("POST", "/v1/undo", b" " * (BODY_BYTES + 1)).status
