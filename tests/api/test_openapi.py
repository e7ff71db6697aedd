"""The OpenAPI document is the contract in full: every endpoint, every shape, every error."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from simd.api import create_app
from tests.api.door import Door
from tests.api.stand_in import StandIn

CONTRACT = {
    ("get", "/v1/status"): "Status",
    ("get", "/v1/pulse"): "Pulse",
    ("post", "/v1/sync"): "Synced",
    ("post", "/v1/scan"): "ScanStarted",
    ("post", "/v1/query"): "QueryAnswer",
    ("get", "/v1/groups"): "GroupPage",
    ("get", "/v1/protected"): "ProtectedList",
    ("post", "/v1/protect"): "ProtectionChanged",
    ("post", "/v1/unprotect"): "ProtectionChanged",
    ("get", "/v1/images/{image_id}"): "ImageAnswer",
    ("get", "/v1/images"): "ImageAnswer",
    ("post", "/v1/compare"): "Comparison",
    ("post", "/v1/partition"): "Partition",
    ("post", "/v1/verdicts"): "Marked",
    ("get", "/v1/verdicts"): "VerdictPage",
    ("post", "/v1/verdicts/unmark"): "Unmarked",
    ("post", "/v1/verdicts/import"): "Marked",
    ("get", "/v1/problems"): "ProblemPage",
    ("post", "/v1/problems/retry"): "Retried",
    ("post", "/v1/plans"): "Plan",
    ("get", "/v1/plans"): "PlanPage",
    ("get", "/v1/plans/{plan_id}"): "Plan",
    ("post", "/v1/plans/{plan_id}/apply"): "Outcome",
    ("post", "/v1/undo"): "Outcome",
    ("post", "/v1/restore"): "Outcome",
    ("post", "/v1/purge"): "Outcome",
    ("post", "/v1/reports"): "ReportAnswer",
    ("get", "/v1/reports"): "ReportList",
    ("get", "/v1/reports/diff"): "ReportDiff",
    ("get", "/v1/reports/{report_id}"): "ReportAnswer",
    ("post", "/v1/notifications/test"): "NotificationTest",
    ("post", "/v1/rematch"): "RematchStarted",
    ("post", "/v1/reload"): "Reloaded",
    ("post", "/v1/pause"): "Paused",
    ("post", "/v1/resume"): "Paused",
    ("get", "/v1/doctor"): "DoctorAnswer",
    ("get", "/v1/events"): None,
    ("get", "/metrics"): None,
}

SHAPES = {
    "Image": "id digest width height format bytes phash phash256 low_detail taken_at files",
    "File": "path path_b64 root bytes mtime state",
    "QueryAnswer": "query preset radius matches took_ms generation",
    "Match": "image path distance similarity kind transform",
    "GroupPage": "groups totals next_cursor generation",
    "GroupTotals": "groups images files reclaimable_bytes",
    "Group": "id kind keeper members reclaimable_bytes",
    "Member": "image path distance similarity reason",
    "ProblemRow": "path path_b64 code reason since retried",
    "ProblemPage": "problems next_cursor",
    "Plan": "id action steps bytes_freed warnings state",
    "PlanStep": "path to why bytes state",
    "ReportHead": "id date paths totals new",
    "ReportPaths": "html json csv txt",
    "ReportNews": "groups images reclaimable_bytes",
}


@pytest.fixture
def document(door: Door) -> dict[str, Any]:
    """The document as the server sends it."""
    found: dict[str, Any] = door.ask("GET", "/openapi.json").json
    return found


def test_every_endpoint_of_the_contract_is_listed(document: dict[str, Any]) -> None:
    """The document has the endpoints of the contract, each with the shape of its answer."""
    listed = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation["responses"]["200"]["content"]
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            listed[method, path] = reference.rpartition("/")[2] or None

    assert CONTRACT == listed


def test_routes_are_built_before_the_first_request() -> None:
    """The app itself has every route of the contract; one that is built at a request has it wait."""
    routes = [route for route in create_app(StandIn()).router.routes if isinstance(route, APIRoute)]
    assert set(CONTRACT) == {
        (method.lower(), route.path) for route in routes for method in route.methods or ()
    }


def test_shapes_have_the_fields_of_the_contract(document: dict[str, Any]) -> None:
    """Every shape has at least the fields that were promised; others may stand beside them."""
    schemas = document["components"]["schemas"]
    lacking = {
        name: set(fields.split()) - set(schemas[name]["properties"]) for name, fields in SHAPES.items()
    }
    assert {name: set() for name in SHAPES} == lacking


def test_every_operation_documents_its_errors(document: dict[str, Any]) -> None:
    """Each operation names the common error shape, and none promises another one."""
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"200", "4XX", "5XX"} == set(operation["responses"])
            for status in ("4XX", "5XX"):
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert "#/components/schemas/ErrorAnswer" == schema["$ref"]


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    """Every reference of the document resolves inside it."""
    schemas = document["components"]["schemas"]
    names = {reference.removeprefix("#/components/schemas/") for reference in _references(document)}
    assert set() == names - set(schemas)
    assert "Match" in names


def test_query_takes_json_and_uploads(document: dict[str, Any]) -> None:
    """The one endpoint with two kinds of body documents both, and the options of each."""
    operation = document["paths"]["/v1/query"]["post"]
    content = operation["requestBody"]["content"]

    assert {"application/json", "multipart/form-data"} == set(content)
    assert {"path", "path_b64", "id", "preset", "radius", "top", "transforms"} == set(
        content["application/json"]["schema"]["properties"]
    )
    assert {"file"} == set(content["multipart/form-data"]["schema"]["properties"])
    assert {"preset", "radius", "top", "transforms"} == {part["name"] for part in operation["parameters"]}


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(_references(value) for value in part))
    return set()
