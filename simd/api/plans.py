"""The routes of clearing up: plans, and what is done to files and taken back."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, StringConstraints

from simd.api.answering import add_route, slow_answer
from simd.api.border import PLANS_PATH
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import (
    Body,
    PageParameters,
    PathBody,
    PathItem,
    PathsBody,
    PresetName,
    read_rules,
    read_rules_b64,
    required,
)
from simd.core.actions.model import ActionName, PlanRequest, Removal
from simd.core.actions.words import Action, StepState
from simd.core.answers import MatchKind, Outcome, Plan, PlanPage
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping

PlanId = Annotated[int, Path(ge=1, le=2**63 - 1)]
GroupId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
StepName = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$")]

MOST_AT_ONCE = 100_000
"""Groups, or files chosen one by one, of one plan; without any, it is about all groups, however many."""

MOST_SECONDS = 100 * 365 * 86_400
"""A hundred years: what no person means by a time."""


class RemovalBody(PathBody):
    """A file to be rid of, and those that may be kept instead, the best first."""

    kept: list[PathItem] = Field(min_length=1, max_length=MOST_AT_ONCE)

    def removal(self) -> Removal:
        """The wish as the service takes it."""
        return Removal(required(self.as_bytes()), tuple(required(item.as_bytes()) for item in self.kept))


class PlanBody(Body):
    """What is to be done to which files; ``keep`` is written as in ``GET /v1/groups``."""

    action: Annotated[Action, Field(strict=False)] = Action.QUARANTINE
    groups: list[GroupId] | None = Field(default=None, max_length=MOST_AT_ONCE)
    under: list[PathItem] = Field(default=[], max_length=10_000)
    kind: Annotated[MatchKind | None, Field(strict=False)] = None
    preset: PresetName | None = None
    grouping: Annotated[Grouping, Field(strict=False)] = Grouping.STAR
    keep: str | None = None
    keep_b64: str | None = None
    permanently: bool = False
    removals: list[RemovalBody] | None = Field(default=None, max_length=MOST_AT_ONCE)

    def request(self) -> PlanRequest:
        """The wish as the service takes it.

        Raises:
            BadRequest: it says two things at once, or a path or a rule is none.
        """
        if self.groups is not None and self.removals is not None:
            raise BadRequest("groups and removals exclude each other", hint="make two plans")
        if self.keep is not None and self.keep_b64 is not None:
            raise BadRequest("keep and keep_b64 exclude each other")
        return PlanRequest(
            action=self.action,
            groups=None if self.groups is None else tuple(map(int, self.groups)),
            under=tuple(required(item.as_bytes()) for item in self.under),
            kind=self.kind,
            preset=self.preset,
            grouping=self.grouping,
            keep=read_rules(self.keep) if self.keep_b64 is None else read_rules_b64(self.keep_b64),
            permanently=self.permanently,
            removals=None if self.removals is None else tuple(each.removal() for each in self.removals),
        )


class StepParameters(PageParameters):
    """Which page of a plan's steps; ``state`` leaves out those in another one."""

    state: StepState | None = None


class ApplyBody(Body):
    """With ``dry_run`` every file is checked, and nothing done or noted."""

    dry_run: bool = False


class UndoBody(Body):
    """A plan (``7``) or a step of one (``7.3``)."""

    action: StepName

    def name(self) -> ActionName:
        """It as the service takes it."""
        plan, _, step = self.action.partition(".")
        return ActionName(int(plan), int(step) if step else None)


class PurgeBody(ApplyBody):
    """Only what has been in quarantine for ``older_than`` seconds."""

    older_than: float = Field(ge=0, le=MOST_SECONDS)


class Plans:
    """Routes over the service's plans. All wait for a disk, and those that act for as long as that takes."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["plans"])
        add_route(router, "POST", PLANS_PATH, self.plan, answer=Plan)
        add_route(router, "GET", PLANS_PATH, self.plans, answer=PlanPage)
        add_route(router, "GET", "/v1/plans/{plan_id}", self.plan_at, answer=Plan)
        add_route(router, "POST", "/v1/plans/{plan_id}/apply", self.apply, answer=Outcome)
        add_route(router, "POST", "/v1/undo", self.undo, answer=Outcome)
        add_route(router, "POST", "/v1/restore", self.restore, answer=Outcome)
        add_route(router, "POST", "/v1/purge", self.purge, answer=Outcome)
        return router

    async def plan(self, body: PlanBody) -> Response:
        """Make and store a plan of what to do with the files that are not kept; nothing is done yet."""
        request = body.request()
        return await slow_answer(self._calls, lambda: self._service.plan(request))

    async def plans(self, parameters: Annotated[PageParameters, Query()]) -> Response:
        """Every plan, the newest first."""
        limit, cursor = parameters.limit, parameters.cursor
        return await slow_answer(self._calls, lambda: self._service.plans(limit, cursor))

    async def plan_at(self, plan_id: PlanId, parameters: Annotated[StepParameters, Query()]) -> Response:
        """A plan as it stands, with a page of its steps."""
        limit, cursor, state = parameters.limit, parameters.cursor, parameters.state
        return await slow_answer(self._calls, lambda: self._service.plan_at(plan_id, limit, cursor, state))

    async def apply(self, plan_id: PlanId, body: ApplyBody | None = None) -> Response:
        """Do what a plan says, and return when it is done; events tell how far it has come."""
        dry_run = body is not None and body.dry_run
        return await slow_answer(self._calls, lambda: self._service.apply(plan_id, dry_run=dry_run))

    async def undo(self, body: UndoBody) -> Response:
        """Take back a step, or all that was done of a plan."""
        name = body.name()
        return await slow_answer(self._calls, lambda: self._service.undo(name))

    async def restore(self, body: PathsBody) -> Response:
        """Put files back, named by the place that they had or by the one where they lie now."""
        paths = body.as_bytes()
        return await slow_answer(self._calls, lambda: self._service.restore(paths))

    async def purge(self, body: PurgeBody) -> Response:
        """Delete for good what has been in quarantine for long."""
        age, dry_run = timedelta(seconds=body.older_than), body.dry_run
        return await slow_answer(self._calls, lambda: self._service.purge(age, dry_run=dry_run))
