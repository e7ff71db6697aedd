"""Who is told of nightly reports, of which, and what becomes of a message that fails."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from simd.core.answers import ReportTrigger
from simd.core.errors import BadRequest, CatalogueError, Unavailable
from simd.delivery import abandon
from simd.work.report.reports import DeliveryPlan
from tests.daemon.running import PATIENCE
from tests.delivery.receiver import receiving
from tests.work.report.library import Bureau, Library, opened

ASKED, NIGHTLY = ReportTrigger.ASKED, ReportTrigger.NIGHTLY
DAY = 86_400.0


class Mailbox:
    """A service that messages are sent to."""

    def __init__(self, status: int) -> None:
        self.received: list[dict[str, Any]] = []
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            """Takes every message down."""

            def do_POST(self) -> None:
                """Read the message and answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mailbox.received.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.target = f"json://user:secret@127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        """Take nothing more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_nights_are_told_of(bureau: Bureau, closing: ExitStack, library: Library) -> None:
    """The message of a nightly report has its summary; one that was asked for is not told of."""
    mailbox = Mailbox(200)
    closing.callback(mailbox.close)
    bureau.delivery = DeliveryPlan(targets=[mailbox.target], only_when_new_bytes=None)
    library.near(1)
    reports = opened(bureau, closing)
    reports.make(ASKED)
    assert [] == mailbox.received
    head = reports.make(NIGHTLY)
    reports.make(NIGHTLY)
    (message,) = mailbox.received
    assert head.date in message["title"]
    assert reports.get(head.id).summary.splitlines()[-1] in message["message"]
    assert [] == list(reports.notes())


@pytest.mark.parametrize(("more", "expected"), [(0, 1), (1, 0)])
def test_little_news_is_not_told(
    bureau: Bureau, closing: ExitStack, library: Library, more: int, expected: int
) -> None:
    """The threshold is the least that must be new: as many bytes are told of, one less is not."""
    mailbox = Mailbox(200)
    closing.callback(mailbox.close)
    library.near(1)
    new = opened(bureau, closing).make(ASKED).totals.reclaimable_bytes
    for path in bureau.folder.iterdir():
        path.unlink()
    bureau.delivery = DeliveryPlan(targets=[mailbox.target], only_when_new_bytes=new + more)
    opened(bureau, closing).make(NIGHTLY)
    assert expected == len(mailbox.received)


def test_a_message_that_fails_costs_no_report(
    bureau: Bureau, closing: ExitStack, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """The report is there, the status has a note without the secret, and the next success clears it."""
    refusing, taking = Mailbox(500), Mailbox(200)
    closing.callback(refusing.close)
    closing.callback(taking.close)
    bureau.delivery = DeliveryPlan(targets=[refusing.target, taking.target], only_when_new_bytes=None)
    reports = opened(bureau, closing)
    assert "2026-01-15" == reports.make(NIGHTLY).id
    (note,) = reports.notes()
    assert "The report of 2026-01-15 was not delivered to json://127.0.0.1" in note.message
    assert note.hint
    assert "secret" not in note.message + caplog.text + repr(bureau.delivery)
    assert 1 == len(taking.received)
    reports._plan = replace(
        reports._plan, delivery=DeliveryPlan(targets=[taking.target], only_when_new_bytes=None)
    )
    bureau.clock.advance(DAY)
    reports.nightly()
    assert [] == list(reports.notes())


def test_a_message_that_a_stop_cut_off_is_sent_after_the_next_start(
    bureau: Bureau, closing: ExitStack, library: Library
) -> None:
    """Of the report that is there already, and once: not again where the record of the night is lost."""
    library.near(1)
    with receiving() as service, ThreadPoolExecutor(1) as night:
        service.answering.clear()
        target = f"json://127.0.0.1:{service.port}/?rto=60"
        bureau.delivery = DeliveryPlan(targets=[target], only_when_new_bytes=None)
        reports = bureau.open()
        delivering = night.submit(reports.nightly)
        assert service.asked.wait(PATIENCE)
        reports.close()
        abandon()
        with pytest.raises(Unavailable, match="stopping"):
            delivering.result(PATIENCE)
        service.answering.set()
        service.requests.clear()
        before = bureau.names()
        for _ in range(2):
            again = opened(bureau, closing)
            again.nightly()
            again.nightly()
            assert [] == list(again.notes())
        assert (1, before) == (len(service.requests), bureau.names())


def test_a_message_that_cannot_be_noted_is_sent_all_the_same(
    bureau: Bureau, closing: ExitStack, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up right then: it is sent once, and whoever waits for the report has it."""
    library.near(1)
    with receiving() as service:
        target = f"json://127.0.0.1:{service.port}/"
        bureau.delivery = DeliveryPlan(targets=[target], only_when_new_bytes=None)
        reports, write = opened(bureau, closing), library.catalogue.write

        def refuse(job: Any) -> Any:
            if service.requests:
                raise CatalogueError("The disk is full.")
            return write(job)

        monkeypatch.setattr(library.catalogue, "write", refuse)
        head = reports.make(NIGHTLY)
        assert head == reports.make(NIGHTLY)
        assert 1 == len(service.requests)


def test_a_trial_message(bureau: Bureau, closing: ExitStack) -> None:
    """It goes to every target whatever the threshold, and says which it did not reach."""
    refusing, taking = Mailbox(500), Mailbox(200)
    closing.callback(refusing.close)
    closing.callback(taking.close)
    targets = [taking.target, refusing.target]
    bureau.delivery = DeliveryPlan(targets=targets, only_when_new_bytes=10**12)
    found = opened(bureau, closing).test_notification()
    assert 1 == found.sent == len(found.failed)
    assert "secret" not in found.failed[0]
    assert 1 == len(taking.received)


def test_nobody_to_tell(bureau: Bureau, closing: ExitStack) -> None:
    """A trial without targets says what to set."""
    for delivery in (None, DeliveryPlan(targets=[], only_when_new_bytes=None)):
        bureau.delivery = delivery
        with pytest.raises(BadRequest, match="Nobody") as caught:
            opened(bureau, closing).test_notification()
        assert caught.value.hint
        assert "notify.targets" in caught.value.hint
