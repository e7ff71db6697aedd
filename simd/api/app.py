"""The application: every route, and what all of them share."""

from fastapi import FastAPI

import simd
from simd.api.border import Border
from simd.api.calls import Calls
from simd.api.direct import Direct
from simd.api.events import KEEP_ALIVE_SECONDS
from simd.api.facade import Facade
from simd.api.faults import install_handlers
from simd.api.machine import Machine
from simd.api.partition import Partitions
from simd.api.pictures import QUERY_PATH, Pictures
from simd.api.plans import Plans
from simd.api.protection import Protection
from simd.api.reloading import Reloading
from simd.api.rematching import Rematching
from simd.api.reports import Reports
from simd.api.timing import Timing
from simd.api.verdicts import Verdicts


def create_app(service: Facade, *, keep_alive_seconds: float = KEEP_ALIVE_SECONDS) -> FastAPI:
    """The HTTP application over a service.

    Args:
        service: answers every question.
        keep_alive_seconds: longest silence of an event stream.

    Returns:
        The app; ``app.state.calls`` must be stopped when it goes out of service.
    """
    app = FastAPI(
        title="simd",
        version=simd.__version__,
        description="The daemon that knows your duplicate images. Every reply carries `generation`.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    calls = Calls()
    app.state.calls = calls
    pictures = Pictures(service, calls)
    rooms = (
        Machine(service, calls, keep_alive_seconds),
        pictures,
        Partitions(service, calls),
        Verdicts(service, calls),
        Reports(service, calls),
        Rematching(service, calls),
        Reloading(service, calls),
        Protection(service, calls),
        Plans(service, calls),
    )
    routes = [route for room in rooms for route in room.router().routes]
    # Not by `include_router`, which builds every route a second time, most of it at the first request.
    app.router.routes += routes
    app.add_middleware(Direct, endpoints={("POST", QUERY_PATH): pictures.query})
    app.add_middleware(Border)
    app.add_middleware(Timing, routes=routes, watched=f"POST {QUERY_PATH}", note=service.note_query)
    install_handlers(app)
    return app
