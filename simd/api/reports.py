"""The routes about reports, and about those who are told of them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import StringConstraints

from simd.api.answering import add_route, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import DiffParameters, EmptyBody
from simd.core.answers import NotificationTest, ReportAnswer, ReportDiff, ReportList

ReportId = Annotated[str, Path(), StringConstraints(max_length=64)]


class Reports:
    """Routes over the service's answers about reports. All may wait: for a disk, a process, a network."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["reports"])
        add_route(router, "POST", "/v1/reports", self.make_report, answer=ReportAnswer)
        add_route(router, "GET", "/v1/reports", self.reports, answer=ReportList)
        # Before the next one, which would take "diff" for an id.
        add_route(router, "GET", "/v1/reports/diff", self.report_diff, answer=ReportDiff)
        add_route(router, "GET", "/v1/reports/{report_id}", self.report, answer=ReportAnswer)
        add_route(router, "POST", "/v1/notifications/test", self.test_notification, answer=NotificationTest)
        return router

    async def make_report(self, _body: EmptyBody | None = None) -> Response:
        """Make a report now and return once it is there; events tell its progress."""
        return await slow_answer(self._calls, self._service.make_report)

    async def reports(self) -> Response:
        """Every report that is kept, the newest first."""
        return await slow_answer(self._calls, self._service.reports)

    async def report(self, report_id: ReportId) -> Response:
        """One report, by its id or as `latest`."""
        return await slow_answer(self._calls, lambda: self._service.report(report_id))

    async def report_diff(self, parameters: Annotated[DiffParameters, Query()]) -> Response:
        """The groups that changed from report `a` to report `b`."""
        return await slow_answer(self._calls, lambda: self._service.report_diff(parameters.a, parameters.b))

    async def test_notification(self, _body: EmptyBody | None = None) -> Response:  # noqa: PT019 - no test
        """Send a trial message to every target of the settings."""
        return await slow_answer(self._calls, self._service.test_notification)
