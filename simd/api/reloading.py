"""The route that has the settings read again."""

from fastapi import APIRouter, Response

from simd.api.answering import add_route, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import EmptyBody
from simd.core.answers import Reloaded


class Reloading:
    """The route over the service's reload."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The route."""
        router = APIRouter(tags=["daemon"])
        add_route(router, "POST", "/v1/reload", self.reload, answer=Reloaded)
        return router

    async def reload(self, _body: EmptyBody | None = None) -> Response:
        """Read the settings again, and return when every part that goes by what changed has followed."""
        return await slow_answer(self._calls, self._service.reload)
