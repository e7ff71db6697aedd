"""``simctl cull apply``: what a person has deleted of an export, made a plan and done."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from simd.core.cull.judging import witnesses
from simd.core.cull.model import GroupVerdict
from simd.core.display import display_path
from simd.core.errors import BadRequest, NotFound, Unavailable
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.clearing import REFUSED, acted
from simd.ctl.cull.check import NOTHING, Checked, checked, export_of
from simd.ctl.cull.record import applied, note_applied, path_json
from simd.ctl.plans import LONGEST_SECONDS
from simd.render import cull as cull_views
from simd.render import plans as views

MOST_WITNESSES = 8
"""Files that may be kept instead of one that goes; a plan needs one."""

MOST_BYTES = 12_000_000
"""Of one request, less than it may hold; what is more becomes another plan."""

STEP_SECONDS = 10.0
"""How long the daemon may take to be in step; whatever it has not seen by then, it refuses."""

_OPEN = frozenset({"planned", "undone", "refused"})
"""States of a plan of which nothing is done."""


def apply(call: Call) -> int:
    """Check, plan and act; 1 when there is nothing to do, or some of it was refused."""
    given = call.arguments
    out = export_of(call)
    _refuse_applied(call, out)
    found = checked(out, allow_empty=given.allow_empty)
    if not call.output.as_json:
        for line in filter(None, [*cull_views.noticed(found.answer), cull_views.corrected(found.answer)]):
            call.output.note(line)
    plans = [plan for plan in _plans(call, found) if plan["id"]] if found.verdicts else []
    outcomes: list[Json] = []
    if plans and not given.plan_only:
        outcomes = _done(call, out, plans)
    _tell(call, found, plans, outcomes)
    return _code(found, plans, outcomes)


def _refuse_applied(call: Call, out: bytes) -> None:
    """Refuse an export of which a plan was done, and not undone.

    Raises:
        BadRequest: so it is.
    """
    for plan in applied(out):
        try:
            state = call.client.get(f"/v1/plans/{plan}", {"limit": 1})["state"]
        except NotFound:
            state = "unknown to this daemon"
        if state not in _OPEN:
            further = f"simctl apply {plan} goes on with it, " if state == "unfinished" else ""
            raise BadRequest(
                f"{display_path(out)} has been applied as plan {plan}, which is {state}",
                hint=f"{further}simctl history {plan} shows it, simctl undo {plan} takes it back; "
                "simctl cull export lays what there is by now",
                path=display_path(out),
            )


def _plans(call: Call, found: Checked) -> Iterator[Json]:
    """Make a plan, or several where one request cannot hold all, and show each."""
    with suppress(Unavailable):  # reading may be held; every file is looked at before it is touched anyway
        call.client.post("/v1/sync", {"timeout": STEP_SECONDS}, timeout=2 * STEP_SECONDS)
    given = call.arguments
    for removals in _parted(found.verdicts):
        asked = {"action": given.action, "permanently": given.permanently, "removals": removals}
        plan = call.client.post("/v1/plans", found.record.choice | asked, timeout=LONGEST_SECONDS)
        if not call.output.as_json:
            call.output.text(views.plan(plan, call.output.style))
        yield plan


def _parted(verdicts: Sequence[GroupVerdict]) -> Iterator[list[Json]]:
    """What goes, in as many lists as requests are needed."""
    removals: list[Json] = []
    taken = 0
    for verdict in verdicts:
        for file in verdict.goes:
            kept = witnesses(file, verdict.stays, MOST_WITNESSES)
            removal = {**_named(file.path), "kept": [_named(other.path) for other in kept]}
            length = len(json.dumps(removal)) + 2
            if removals and taken + length > MOST_BYTES:
                yield removals
                removals, taken = [], 0
            removals.append(removal)
            taken += length
    if removals:
        yield removals


def _named(path: bytes) -> Json:
    """A path in exactly one form."""
    fields = path_json(path)
    return {"path_b64": fields["path_b64"]} if "path_b64" in fields else fields


def _done(call: Call, out: bytes, plans: Sequence[Json]) -> list[Json]:
    """Do the plans, or have it checked what would be done."""
    dry = call.arguments.dry_run
    if not dry:
        note_applied(out, [plan["id"] for plan in plans])
    outcomes = []
    for plan in plans:
        number = plan["id"]
        outcome = acted(call, f"/v1/plans/{number}/apply", {"dry_run": dry}, f"history {number}")
        if not call.output.as_json:
            call.output.text(f"\n{views.outcome(outcome, plan['action'], call.output.style)}")
        outcomes.append(outcome)
    return outcomes


def _tell(call: Call, found: Checked, plans: Sequence[Json], outcomes: Sequence[Json]) -> None:
    """All of it as JSON; else what is not told yet."""
    if call.output.as_json:
        call.output.json({"check": found.answer, "plans": plans, "outcomes": outcomes})
    elif not plans:
        call.output.text("Nothing is to go.")
    elif call.arguments.plan_only:
        for plan in plans:
            call.output.text(f"\n{views.next_command(plan)}")
    for plan, outcome in zip(plans, outcomes, strict=False):
        further = views.afterwards(outcome, plan["action"])
        if further and not call.output.as_json:
            call.output.text(f"\n{further}")
    if any(outcome["done"] and not outcome["dry_run"] for outcome in outcomes) and not call.output.as_json:
        call.output.text(f"\n{cull_views.spent(found.answer)}")


def _code(found: Checked, plans: Sequence[Json], outcomes: Sequence[Json]) -> int:
    """0 when all that was to go is planned, and done where that was asked for."""
    if not plans:
        return NOTHING
    planned = sum(sum(plan["tally"].values()) for plan in plans)
    refused = sum(outcome["refused"] for outcome in outcomes)
    return REFUSED if refused or planned < found.answer["files"] else 0
