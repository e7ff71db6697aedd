"""The routes that ask about pictures: query, groups, images, compare, problems."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from simd.api.answering import add_route, quick_answer, search_answer, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.faults import bad_request
from simd.api.requests import (
    CompareBody,
    GroupParameters,
    ImageId,
    PageParameters,
    PathParameters,
    QueryBody,
    UploadParameters,
)
from simd.core.answers import Comparison, GroupPage, ImageAnswer, ProblemPage, QueryAnswer, Retried
from simd.core.errors import BadRequest
from simd.core.questions import QueryOptions, QuerySubject

QUERY_PATH = "/v1/query"

UPLOADS_AT_ONCE = 2
"""Uploads are held in memory while they are decoded; more of them wait their turn on the disk."""

_UPLOAD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "description": "The picture"}},
}


class Pictures:
    """Routes over the service's answers about pictures."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["pictures"])
        add_route(router, "POST", QUERY_PATH, self.query, answer=QueryAnswer, openapi_extra=_query_request())
        add_route(router, "GET", "/v1/groups", self.groups, answer=GroupPage)
        add_route(router, "GET", "/v1/images/{image_id}", self.image, answer=ImageAnswer)
        add_route(router, "GET", "/v1/images", self.image_at, answer=ImageAnswer)
        add_route(router, "POST", "/v1/compare", self.compare, answer=Comparison)
        add_route(router, "GET", "/v1/problems", self.problems, answer=ProblemPage)
        add_route(router, "POST", "/v1/problems/retry", self.retry_problems, answer=Retried)
        return router

    async def query(self, request: Request) -> Response:
        """The near-duplicates of a picture, nearest first.

        The picture is named in a JSON body, or comes as the multipart field `file`; with an
        upload, the options are parameters of the query string.
        """
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await self._query_upload(request)
        if request.query_params:
            raise BadRequest("a query in JSON has its options in the body, not in the query string")
        try:
            body = QueryBody.model_validate_json(await request.body())
        except ValidationError as error:
            raise bad_request(error) from error
        return await self._query(body.subject(), body.options())

    async def groups(self, request: Request, parameters: Annotated[GroupParameters, Query()]) -> Response:
        """Duplicate groups, each with its keeper and its members."""
        options = parameters.options(request.scope["query_string"])
        return await slow_answer(self._calls, lambda: self._service.groups(options))

    async def image(self, image_id: Annotated[ImageId, Path()]) -> Response:
        """All that is known of an image and its files, with what belongs to them on the disk."""
        return await slow_answer(self._calls, lambda: self._service.image(image_id))

    async def image_at(self, request: Request, parameters: Annotated[PathParameters, Query()]) -> Response:
        """All that is known of the image in a file of the catalogue, as by its id."""
        path = parameters.as_bytes(request.scope["query_string"])
        return await slow_answer(self._calls, lambda: self._service.image_at(path))

    async def compare(self, body: CompareBody) -> Response:
        """Two pictures compared by every measure, and the judgement with its reason."""
        a, b = body.subjects()
        return await slow_answer(self._calls, lambda: self._service.compare(a, b))

    async def problems(self, parameters: Annotated[PageParameters, Query()]) -> Response:
        """Files that could not be read, each with its reason."""
        limit, cursor = parameters.limit, parameters.cursor
        return await quick_answer(self._calls, lambda: self._service.problems(limit, cursor))

    async def retry_problems(self) -> Response:
        """Read the unreadable files again."""
        return await slow_answer(self._calls, self._service.retry_problems)

    async def _query_upload(self, request: Request) -> Response:
        try:
            parameters = UploadParameters.model_validate(dict(request.query_params))
        except ValidationError as error:
            raise bad_request(error) from error
        async with request.form(max_files=1, max_fields=0) as form:
            part = form.get("file")
            if not isinstance(part, UploadFile):
                raise BadRequest("the multipart field file is missing", hint="send the picture as field file")
            # What is on its way lies on the disk, so that nobody waits for another's slow upload.
            async with self._uploads:
                subject = QuerySubject(upload=await part.read(), name=part.filename or None)
                return await self._query(subject, parameters.options())

    async def _query(self, subject: QuerySubject, options: QueryOptions) -> Response:
        # A file or an upload may have to be decoded first; what is asked by id has been.
        answer = slow_answer if subject.image_id is None else search_answer
        return await answer(self._calls, lambda: self._service.query(subject, options))


def _query_request() -> dict[str, Any]:
    """What FastAPI cannot derive: one path that takes JSON or an upload."""
    properties = UploadParameters.model_json_schema()["properties"]
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": QueryBody.model_json_schema()},
                "multipart/form-data": {"schema": _UPLOAD_SCHEMA},
            },
        },
        "parameters": [
            {"name": name, "in": "query", "description": "With an upload only.", "schema": schema}
            for name, schema in properties.items()
        ],
    }
