"""The routes that ask about the daemon itself, or tell it what to do."""

from fastapi import APIRouter, Response
from starlette.responses import PlainTextResponse

from simd.api.answering import add_route, quick_answer, slow_answer
from simd.api.calls import Calls
from simd.api.events import EventStream
from simd.api.exposition import CONTENT_TYPE, expose
from simd.api.facade import Facade
from simd.api.requests import ScanBody, SyncBody
from simd.core.answers import DoctorAnswer, Paused, Pulse, ScanStarted, Status, Synced


class Machine:
    """Routes over the service's answers about itself."""

    def __init__(self, service: Facade, calls: Calls, keep_alive_seconds: float) -> None:
        self._service = service
        self._calls = calls
        self._keep_alive_seconds = keep_alive_seconds

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["daemon"])
        add_route(router, "GET", "/v1/status", self.status, answer=Status)
        add_route(router, "GET", "/v1/pulse", self.pulse, answer=Pulse)
        add_route(router, "POST", "/v1/sync", self.sync, answer=Synced)
        add_route(router, "POST", "/v1/scan", self.scan, answer=ScanStarted)
        add_route(router, "POST", "/v1/pause", self.pause, answer=Paused)
        add_route(router, "POST", "/v1/resume", self.resume, answer=Paused)
        add_route(router, "GET", "/v1/doctor", self.doctor, answer=DoctorAnswer)
        add_route(router, "GET", "/v1/events", self.events, sends=EventStream)
        add_route(router, "GET", "/metrics", self.metrics, sends=PlainTextResponse)
        return router

    async def status(self) -> Response:
        """The daemon at a glance."""
        return await quick_answer(self._calls, self._service.status)

    async def pulse(self) -> Response:
        """What the daemon does at this moment: files in hand, totals for rates, latency, memory."""
        return await quick_answer(self._calls, self._service.pulse)

    async def sync(self, body: SyncBody | None = None) -> Response:
        """Return when every change made before the call is committed and searchable."""
        timeout = (body or SyncBody()).timeout
        return await slow_answer(self._calls, lambda: self._service.sync(timeout))

    async def scan(self, body: ScanBody | None = None) -> Response:
        """Begin a sweep and return; events tell its progress and its end."""
        wanted = body or ScanBody()
        folders = wanted.folders()
        return await slow_answer(
            self._calls,
            lambda: self._service.scan(folders, rehash=wanted.rehash, accept_missing=wanted.accept_missing),
        )

    async def pause(self) -> Response:
        """Stop hashing; queries still answer."""
        return await quick_answer(self._calls, self._service.pause)

    async def resume(self) -> Response:
        """Go on hashing."""
        return await quick_answer(self._calls, self._service.resume)

    async def doctor(self) -> Response:
        """Check the machine, and say what to do where something is wrong."""
        return await slow_answer(self._calls, self._service.doctor)

    async def events(self) -> Response:
        """Server-sent events: progress, images added, groups changed, sweeps ended."""
        return EventStream(self._service, self._calls, self._keep_alive_seconds)

    async def metrics(self) -> Response:
        """Samples in Prometheus' text format."""
        text = await self._calls.quick(lambda: expose(self._service.metrics()))
        return Response(text, media_type=CONTENT_TYPE)
