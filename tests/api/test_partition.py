"""Parting pictures over the socket: by paths, and uploads."""

import pytest

from tests.api.door import Door

BOUNDARY = "b0und"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """A multipart form: for each part its field, its file name if it is a file, and its content."""
    body = b""
    for field, name, content in parts:
        file = "" if name is None else f'; filename="{name}"'
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def test_files_and_folders_by_their_paths(door: Door) -> None:
    """Paths in either form, and the usual grade where none is given."""
    reply = door.ask("POST", "/v1/partition", {"paths": ["/p/a", {"path_b64": "L3Av/w=="}], "grade": 0.5})
    assert (200, [1]) == (reply.status, [group["number"] for group in reply.json["groups"]])
    door.ask("POST", "/v1/partition", {"paths": ["/p"]})
    assert [("partition", [b"/p/a", b"/p/\xff"], 0.5), ("partition", [b"/p"], 0.95)] == door.service.asked


def test_uploads_keep_their_names(door: Door) -> None:
    """Every field that holds a file is one, large ones too; the grade is a field, or in the query string."""
    large = bytes(2_000_000)
    body = form(("file", "a.jpg", b"one"), ("file", "ä b.jpg", large), ("grade", None, b"0.8"))
    assert 200 == door.ask("POST", "/v1/partition", body, HEADERS).status
    assert 200 == door.ask("POST", "/v1/partition?grade=1", form(("x", "c", b"2")), HEADERS).status
    assert [
        ("partition", [("a.jpg", b"one"), ("ä b.jpg", large)], 0.8),
        ("partition", [("c", b"2")], 1.0),
    ] == door.service.asked


@pytest.mark.parametrize(
    ("said", "target", "body"),
    [
        ("grade", "/v1/partition", {"paths": ["/p"], "grade": 1.5}),
        ("grade", "/v1/partition", {"paths": ["/p"], "grade": "0.5"}),
        ("paths", "/v1/partition", {"paths": []}),
        ("paths is missing", "/v1/partition", {}),
        ("path is missing", "/v1/partition", {"paths": [{}]}),
        ("absolute", "/v1/partition", {"paths": ["p"]}),
        ("query string", "/v1/partition?grade=1", {"paths": ["/p"]}),
        ("grade", "/v1/partition?grade=-1", form(("file", "a", b"1"))),
        ("grade", "/v1/partition", form(("file", "a", b"1"), ("grade", None, b"nan"))),
        ("twice", "/v1/partition?grade=1", form(("file", "a", b"1"), ("grade", None, b"0.5"))),
        ("size is unknown", "/v1/partition", form(("file", "a", b"1"), ("size", None, b"5"))),
        ("Too many files", "/v1/partition", form(*[("file", "a", b"1")] * 257)),
    ],
)
def test_bad_requests_are_told(door: Door, said: str, target: str, body: object) -> None:
    """Each with what is wrong, and the service is asked nothing."""
    reply = door.ask("POST", target, body, HEADERS if isinstance(body, bytes) else None)
    assert (400, "bad-request") == (reply.status, reply.json["error"]["code"])
    assert said in reply.json["error"]["message"]
    assert [] == door.service.asked
