"""The route that has the library matched anew."""

from fastapi import APIRouter, Response

from simd.api.answering import add_route, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import EmptyBody
from simd.core.answers import RematchStarted


class Rematching:
    """The route over the service's rematch."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The route."""
        router = APIRouter(tags=["daemon"])
        add_route(router, "POST", "/v1/rematch", self.rematch, answer=RematchStarted)
        return router

    async def rematch(self, _body: EmptyBody | None = None) -> Response:
        """Begin to compare all images anew, or join what is under way, and return; events tell the rest."""
        return await slow_answer(self._calls, self._service.rematch)
