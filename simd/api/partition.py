"""The route that parts pictures into groups of similar ones: files by their paths, or uploads."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from simd.api.answering import add_route, slow_answer
from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.api.faults import SEE_OPENAPI, bad_request
from simd.api.requests import Parameters, PathsBody
from simd.core.answers import Partition
from simd.core.errors import BadRequest
from simd.core.partition import USUAL_GRADE, Upload

PARTITION_PATH = "/v1/partition"

MOST_UPLOADS = 256
"""Pictures of one request: each that is not small is an open file until it is answered."""

SPOOLED_BYTES = 64 * 1024
"""Larger pictures wait on the disk: as many small ones as there may be fit into 16 MiB of memory."""

Grade = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "maxItems": MOST_UPLOADS,
            "description": "The pictures with their file names; every field that holds a file is one.",
        },
        "grade": {"type": "number", "minimum": 0, "maximum": 1, "default": USUAL_GRADE},
    },
}


class PartitionBody(PathsBody):
    """Files and folders, and the SSIM from which a picture is like the founder of a group."""

    grade: Grade = USUAL_GRADE


class GradeParameter(Parameters):
    """The grade where pictures are uploaded."""

    grade: Grade = USUAL_GRADE


class Partitions:
    """The route over the service's answer."""

    def __init__(self, service: Facade, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def router(self) -> APIRouter:
        """The route."""
        router = APIRouter(tags=["pictures"])
        content = {
            "application/json": {"schema": _body_schema()},
            "multipart/form-data": {"schema": _FORM_SCHEMA},
        }
        extra = {"requestBody": {"required": True, "content": content}}
        add_route(router, "POST", PARTITION_PATH, self.partition, answer=Partition, openapi_extra=extra)
        return router

    async def partition(self, request: Request) -> Response:
        """Groups of similar pictures, by SSIM, first come, first served.

        The pictures are named by their paths in a JSON body, or come as the files of a multipart form,
        whose field `grade` may stand in the query string instead.
        """
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await self._of_uploads(request)
        if request.query_params:
            raise BadRequest("in JSON the grade stands in the body, not in the query string")
        try:
            body = PartitionBody.model_validate_json(await request.body())
        except ValidationError as error:
            raise bad_request(error) from error
        paths = body.as_bytes()
        return await slow_answer(self._calls, lambda: self._service.partition(paths, body.grade))

    async def _of_uploads(self, request: Request) -> Response:
        form = await _form(request)
        try:
            grade = _grade(request, form)
            parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            uploads = [
                Upload(part.filename or f"upload {number}", part.file) for number, part in enumerate(parts, 1)
            ]
            return await slow_answer(self._calls, lambda: self._service.partition_uploads(uploads, grade))
        finally:
            await form.close()


def _body_schema() -> dict[str, Any]:
    """The shape of the JSON body; that of a path is among the components, where other routes have it."""
    schema = PartitionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


async def _form(request: Request) -> FormData:
    parser = MultiPartParser(request.headers, request.stream(), max_files=MOST_UPLOADS, max_fields=1)
    parser.spool_max_size = SPOOLED_BYTES
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise BadRequest(error.message, hint=SEE_OPENAPI) from error


def _grade(request: Request, form: FormData) -> float:
    """The grade of a form, from its field or from the query string."""
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    given = dict(request.query_params)
    if fields.keys() & given.keys():
        raise BadRequest("grade is given twice", hint="as a field of the form, or in the query string")
    try:
        return GradeParameter.model_validate(fields | given).grade
    except ValidationError as error:
        raise bad_request(error) from error
