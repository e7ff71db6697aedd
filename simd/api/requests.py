"""What a request may say, field by field; whatever else it says is an error."""

import binascii
import os
from base64 import b64decode
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from simd.core.answers import MatchKind
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping
from simd.core.keeprules import KeepRule, parse_rules
from simd.core.presets import MOST_RADIUS
from simd.core.questions import GroupOptions, QueryOptions, QuerySubject

PresetName = Literal["strict", "default", "loose"]
ImageId = Annotated[int, Field(ge=0, le=2**63 - 1)]
Limit = Annotated[int, Field(ge=1, le=1000)]
Cursor = Annotated[str, StringConstraints(max_length=4096)]
Radius = Annotated[int, Field(json_schema_extra={"minimum": 0, "maximum": MOST_RADIUS})]
"""Held to its range by the service, whose refusal names the whole of it."""

Rules = Annotated[str, StringConstraints(max_length=16_384)]
Top = Annotated[int, Field(ge=1, le=1000)]


class Body(BaseModel):
    """A JSON object: no unknown fields, and no value that is only almost of its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Parameters(BaseModel):
    """The query string: no unknown parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EmptyBody(Body):
    """Nothing: what is asked for has no options."""


class SyncBody(Body):
    """How long to wait, in seconds."""

    timeout: float = Field(default=60.0, ge=0, le=3600)


class PathBody(Body):
    """An absolute path: ``path`` as text, or ``path_b64`` as Base64 where it is not UTF-8."""

    path: str | None = None
    path_b64: str | None = None

    def as_bytes(self) -> bytes | None:
        """The path, or None when neither form is given."""
        return read_path(self.path, self.path_b64)


def _path_object(item: object) -> object:
    """A bare string stands for the object with that path."""
    return {"path": item} if isinstance(item, str) else item


PathItem = Annotated[PathBody, BeforeValidator(_path_object, json_schema_input_type=str | PathBody)]


class PathsBody(Body):
    """Absolute paths of files or folders, one or more."""

    paths: list[PathItem] = Field(min_length=1, max_length=10_000)

    def as_bytes(self) -> list[bytes]:
        """The paths; each must be given in one form."""
        return [required(item.as_bytes()) for item in self.paths]


class ScanBody(Body):
    """Which folders to sweep; all roots when ``paths`` is null.

    ``rehash`` reads every file again. ``accept_missing`` believes it when most files of a root are gone.
    """

    paths: list[PathItem] | None = Field(default=None, max_length=10_000)
    rehash: bool = False
    accept_missing: bool = False

    def folders(self) -> list[bytes] | None:
        """The folders as bytes."""
        if self.paths is None:
            return None
        return [required(item.as_bytes()) for item in self.paths]


class SubjectBody(PathBody):
    """A picture: exactly one of ``path``, ``path_b64`` and ``id``."""

    id: ImageId | None = None

    def subject(self) -> QuerySubject:
        """The picture as a question names it."""
        path = self.as_bytes()
        if (path is None) == (self.id is None):
            raise BadRequest(
                "a picture is exactly one of path, path_b64 and id",
                hint='send for example {"path": "/photos/a.jpg"}',
            )
        return QuerySubject(path=path, image_id=self.id)


def _subject_object(item: object) -> object:
    """A bare number stands for the object with that id, a bare string for one with that path."""
    return {"id": item} if isinstance(item, int) else _path_object(item)


SubjectItem = Annotated[
    SubjectBody, BeforeValidator(_subject_object, json_schema_input_type=str | int | SubjectBody)
]


class Options(BaseModel):
    """How to look for near-duplicates."""

    preset: PresetName | None = None
    radius: Radius | None = None
    top: Top | None = None
    transforms: bool = False

    def options(self) -> QueryOptions:
        """The options as the service takes them."""
        return QueryOptions(preset=self.preset, radius=self.radius, top=self.top, transforms=self.transforms)


class QueryBody(SubjectBody, Options):
    """A picture by path or id, and how to look for its near-duplicates."""


class UploadParameters(Parameters, Options):
    """How to look for the near-duplicates of an uploaded picture."""


class CompareBody(Body):
    """Two pictures, each an absolute path, an id, or an object with one of path, path_b64 and id."""

    a: SubjectItem
    b: SubjectItem

    def subjects(self) -> tuple[QuerySubject, QuerySubject]:
        """Both pictures as a question names them."""
        return self.a.subject(), self.b.subject()


class GroupParameters(Parameters):
    """Which duplicate groups to list; ``under`` is an absolute folder, ``keep`` rules parted by commas."""

    preset: PresetName | None = None
    grouping: Grouping = Grouping.STAR
    kind: MatchKind | None = None
    under: str | None = None
    under_b64: str | None = None
    limit: Limit = 100
    cursor: Cursor | None = None
    keep: Rules | None = None

    def options(self, query_string: bytes) -> GroupOptions:
        """The options as the service takes them; ``query_string`` is where they came from."""
        return GroupOptions(
            preset=self.preset,
            grouping=self.grouping,
            kind=self.kind,
            under=read_path(exact_text(query_string, "under"), self.under_b64, "under"),
            limit=self.limit,
            cursor=self.cursor,
            keep=read_rules(exact_text(query_string, "keep")),
        )


class PathParameters(Parameters):
    """An absolute path, as text or in Base64."""

    path: str | None = None
    path_b64: str | None = None

    def as_bytes(self, query_string: bytes) -> bytes:
        """The path; one form must be given. ``query_string`` is where the parameters came from."""
        return required(read_path(exact_text(query_string, "path"), self.path_b64))


class DiffParameters(Parameters):
    """Two reports, each an id or ``latest``."""

    a: Annotated[str, StringConstraints(max_length=64)]
    b: Annotated[str, StringConstraints(max_length=64)]


class PageParameters(Parameters):
    """Which page of a list."""

    limit: Limit = 100
    cursor: Cursor | None = None


def exact_text(query_string: bytes, name: str) -> str | None:
    """A parameter of the query string, with bytes that are not UTF-8 as surrogate escapes.

    Frameworks replace such bytes, which would make another path of a path.
    """
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
    return dict(pairs).get(name)


def read_rules(text: str | None) -> tuple[KeepRule, ...] | None:
    """Keep rules from their text; bytes of a folder that are not UTF-8 are surrogate escapes in it.

    Raises:
        BadRequest: it is no list of rules.
    """
    if text is None:
        return None
    try:
        return parse_rules(text)
    except ValueError as error:
        raise BadRequest(f"keep: {error}", hint="for example keep=prefer:/photos/masters,name") from error


def read_rules_b64(base64: str) -> tuple[KeepRule, ...] | None:
    """Keep rules from the Base64 of their text, where the path of a folder in it is not UTF-8.

    Raises:
        BadRequest: it is no Base64, or no list of rules.
    """
    return read_rules(_from_base64(base64, "keep_b64").decode("utf-8", "surrogateescape"))


def read_path(text: str | None, base64: str | None, field: str = "path") -> bytes | None:
    """An absolute path from its two forms, without ``.``, ``..`` and doubled slashes.

    Raises:
        BadRequest: both forms are given, or the path is not absolute or cannot be one.
    """
    if text is not None and base64 is not None:
        raise BadRequest(f"{field} and {field}_b64 exclude each other")
    if base64 is not None:
        path = _from_base64(base64, f"{field}_b64")
    elif text is not None:
        path = _from_text(text, field)
    else:
        return None
    if not path.startswith(b"/") or b"\0" in path:
        raise BadRequest(f"{field} is not an absolute path", hint="begin it with a slash", path=text)
    return b"/" + os.path.normpath(path).lstrip(b"/")


def _from_base64(text: str, field: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(f"{field} is not Base64: {error}") from error


def _from_text(text: str, field: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BadRequest(f"{field} is not UTF-8", hint=f"send {field}_b64 instead") from error


def required(path: bytes | None) -> bytes:
    """The path, which must have been given.

    Raises:
        BadRequest: it was not.
    """
    if path is None:
        raise BadRequest("path is missing", hint="name it as path, or as path_b64 where it is not UTF-8")
    return path
