"""A real HTTP server on a Unix socket that gives prepared answers and remembers the questions."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Question:
    """One request as the server saw it. ``fields`` are the parts of a multipart form."""

    method: str
    path: str
    params: dict[str, str]
    json: Any = None
    fields: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Canned:
    """One answer: a JSON value with its status, or the raw lines of an event stream."""

    body: Any = None
    status: int = 200
    events: str | None = None


Answer = Canned | Callable[[Question], Canned]


class CannedServer(ThreadingMixIn, UnixStreamServer):
    """Answers by ``answers[method, path]``; 404 in the protocol's shape for anything else."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Handler)
        self.path = str(path)
        self.answers: dict[tuple[str, str], Answer] = {}
        self.questions: list[Question] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that left without its answer; some tests do that."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def reply(self, question: Question) -> Canned:
        """The answer to a question, which is remembered."""
        self.questions.append(question)
        answer = self.answers.get((question.method, question.path))
        if answer is None:
            return refused(404, "not-found", f"no {question.path} here")
        return answer if isinstance(answer, Canned) else answer(question)


def refused(status: int, code: str, message: str, hint: str | None = None, path: str | None = None) -> Canned:
    """An error as the protocol shapes it."""
    return Canned({"error": {"code": code, "message": message, "hint": hint, "path": path}}, status)


class _Handler(BaseHTTPRequestHandler):
    server: CannedServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *arguments: Any) -> None:
        """Stay quiet."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        params = {
            name: values[-1] for name, values in parse_qs(split.query, errors="surrogateescape").items()
        }
        content_type = self.headers.get("Content-Type", "")
        is_form = content_type.startswith("multipart/")
        canned = self.server.reply(
            Question(
                self.command,
                split.path,
                params,
                json=json.loads(body) if body and not is_form else None,
                fields=_fields(content_type, body) if is_form else {},
            )
        )
        self._send(canned)

    def _send(self, canned: Canned) -> None:
        is_stream = canned.events is not None
        payload = (canned.events or "").encode() if is_stream else json.dumps(canned.body).encode()
        self.send_response(canned.status)
        self.send_header("Content-Type", "text/event-stream" if is_stream else "application/json")
        if not is_stream:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


def _fields(content_type: str, body: bytes) -> dict[str, tuple[str | None, bytes]]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found = {}
    for part in message.get_payload():
        assert not isinstance(part, str)
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = (part.get_filename(), payload)
    return found


@contextmanager
def canned_server(path: Path) -> Iterator[CannedServer]:
    """A running server on a socket at ``path``."""
    with CannedServer(path) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
