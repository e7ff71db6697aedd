"""The routes of verdicts: what a person decides about pictures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator, Field, StringConstraints

from simd.api.answering import add_route, quick_answer, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.requests import Body, ImageId, PageParameters, PathBody
from simd.core.answers import Marked, Unmarked, VerdictPage
from simd.core.errors import BadRequest
from simd.core.questions import PictureName
from simd.core.verdict_lines import fault_in, moment_of
from simd.core.verdicts import GivenVerdict, VerdictKind

Kind = Literal["different", "series", "keep"]
Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]

MOST_AT_ONCE = 10_000
"""Pictures, or verdicts, of one request; the service has a lower bound for pictures, and says so."""


class PictureBody(PathBody):
    """A picture: exactly one of ``path``, ``path_b64``, ``id`` and ``digest``."""

    id: ImageId | None = None
    digest: Digest | None = None

    def name(self) -> PictureName:
        """The picture as the service takes it."""
        path = self.as_bytes()
        if sum(part is not None for part in (path, self.id, self.digest)) != 1:
            raise BadRequest(
                "a picture is exactly one of path, path_b64, id and digest",
                hint='send for example {"path": "/photos/a.jpg"}',
            )
        digest = None if self.digest is None else _bytes_of(self.digest)
        return PictureName(path=path, image_id=self.id, digest=digest)


def _picture_object(item: object) -> object:
    """A bare number is an id; a bare string is a digest if it begins like one, else a path."""
    if isinstance(item, str):
        return {"digest" if item.startswith("sha256:") else "path": item}
    return {"id": item} if isinstance(item, int) else item


PictureItem = Annotated[
    PictureBody, BeforeValidator(_picture_object, json_schema_input_type=str | int | PictureBody)
]


class PicturesBody(Body):
    """Pictures, each an absolute path, an id, a digest, or an object with one of these."""

    images: list[PictureItem] = Field(max_length=MOST_AT_ONCE)

    def names(self) -> list[PictureName]:
        """The pictures as the service takes them."""
        return [item.name() for item in self.images]


class MarkBody(PicturesBody):
    """What is decided, and about which pictures."""

    verdict: Kind


class VerdictBody(Body):
    """A verdict that was given earlier: on two digests, or on one that is to be kept."""

    verdict: Kind
    images: list[Digest]
    since: str


class ImportBody(Body):
    """Verdicts, as they were exported."""

    verdicts: list[VerdictBody] = Field(max_length=MOST_AT_ONCE)

    def given(self) -> list[GivenVerdict]:
        """The verdicts as the service takes them."""
        return [_given(number, entry) for number, entry in enumerate(self.verdicts)]


class Verdicts:
    """Routes over the service's verdicts. What changes any waits for a disk."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["verdicts"])
        add_route(router, "POST", "/v1/verdicts", self.mark, answer=Marked)
        add_route(router, "GET", "/v1/verdicts", self.verdicts, answer=VerdictPage)
        add_route(router, "POST", "/v1/verdicts/unmark", self.unmark, answer=Unmarked)
        add_route(router, "POST", "/v1/verdicts/import", self.import_verdicts, answer=Marked)
        return router

    async def mark(self, body: MarkBody) -> Response:
        """Decide that every two of these are different, or of a series; or that each is to be kept."""
        kind, names = VerdictKind(body.verdict), body.names()
        return await slow_answer(self._calls, lambda: self._service.mark(kind, names))

    async def unmark(self, body: PicturesBody) -> Response:
        """Take back all that was decided about one picture, or about every two of several."""
        names = body.names()
        return await slow_answer(self._calls, lambda: self._service.unmark(names))

    async def verdicts(self, parameters: Annotated[PageParameters, Query()]) -> Response:
        """What was decided, the newest first."""
        limit, cursor = parameters.limit, parameters.cursor
        return await quick_answer(self._calls, lambda: self._service.verdicts(limit, cursor))

    async def import_verdicts(self, body: ImportBody) -> Response:
        """Take verdicts that were given earlier or elsewhere; of two on the same pictures the later holds."""
        given = body.given()
        return await slow_answer(self._calls, lambda: self._service.accept_verdicts(given))


def _given(number: int, entry: VerdictBody) -> GivenVerdict:
    fault = fault_in(entry.model_dump())
    if fault is not None:
        raise BadRequest(f"verdicts.{number}: {fault}", hint="send what simctl verdicts export writes")
    images = tuple(sorted(_bytes_of(digest) for digest in entry.images))
    return GivenVerdict(VerdictKind(entry.verdict), images, moment_of(entry.since))


def _bytes_of(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix("sha256:"))
