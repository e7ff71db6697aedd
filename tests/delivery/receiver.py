"""A service that takes messages: a local HTTP server which answers as it is told, or not at all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Receiver:
    """What came in, and what is answered.

    Attributes:
        port: on 127.0.0.1.
        status: of every answer.
        received: the JSON bodies, in order.
        requests: method and path of every request, whatever it was.
        asked: set once a message is here.
        answering: cleared to leave requests without an answer.
    """

    port: int = 0
    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    asked: Event = field(default_factory=Event)
    answering: Event = field(default_factory=Event)


@contextmanager
def receiving(status: int = 200) -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(status=status)
    receiver.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.requests.append(f"POST {self.path}")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(json.loads(body))
            receiver.asked.set()
            receiver.answering.wait()
            self.send_response(receiver.status)
            self.end_headers()
            self.wfile.write(b"secret echoed: " + self.headers.get("Authorization", "").encode())

        def do_GET(self) -> None:
            receiver.requests.append(f"GET {self.path}")
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = Thread(target=server.serve_forever, name="receiver")
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answering.set()
        server.shutdown()
        thread.join()
        server.server_close()
