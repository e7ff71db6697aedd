"""The routes of protection: files and folders that keep their place."""

from fastapi import APIRouter, Response

from simd.api.answering import add_route, quick_answer, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import PathsBody
from simd.core.answers import ProtectedList, ProtectionChanged


class Protection:
    """Routes over the service's protection. What changes any waits for a disk."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["protection"])
        add_route(router, "GET", "/v1/protected", self.protected, answer=ProtectedList)
        add_route(router, "POST", "/v1/protect", self.protect, answer=ProtectionChanged)
        add_route(router, "POST", "/v1/unprotect", self.unprotect, answer=ProtectionChanged)
        return router

    async def protected(self) -> Response:
        """Everything that keeps its place, whatever is planned."""
        return await quick_answer(self._calls, self._service.protected)

    async def protect(self, body: PathsBody) -> Response:
        """Have files keep their place, and folders everything below them."""
        paths = body.as_bytes()
        return await slow_answer(self._calls, lambda: self._service.protect(paths))

    async def unprotect(self, body: PathsBody) -> Response:
        """Take protection back from paths that were put under it."""
        paths = body.as_bytes()
        return await slow_answer(self._calls, lambda: self._service.unprotect(paths))
