"""Messages reach those who can be reached, and what is secret about a target stays so."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simd.delivery import abandon, send, sending
from tests.delivery.receiver import Receiver, receiving

PATIENCE = 20.0
WORD = "hunter2"
TOKEN = "tok-5f1c2a"  # noqa: S105 - what a test looks for in the logs


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A service that takes every message."""
    with receiving() as running:
        yield running


def target(receiver: Receiver) -> str:
    """A target with a secret wherever one can be."""
    return f"json://me:{WORD}@127.0.0.1:{receiver.port}/{TOKEN}?+X-Key={TOKEN}&-key={TOKEN}"


def test_a_message_arrives_as_it_is(receiver: Receiver) -> None:
    """Title and body come through as plain text, once, with nothing attached and nothing else fetched."""
    body = "12 new groups\n<b>name</b> & ${HOME} :smile: \\n 世界.jpg"
    assert () == tuple(send([target(receiver)], "simd: 3.4 GB", body))
    assert [f"POST /{TOKEN}?key={TOKEN}"] == receiver.requests
    [message] = receiver.received
    assert ("simd: 3.4 GB", body, []) == (message["title"], message["message"], message["attachments"])


def test_names_are_no_markup(receiver: Receiver) -> None:
    """A service that takes HTML gets a file name as text, whatever it is made of."""
    assert () == tuple(send([f"{target(receiver)}&format=html"], "t", "<script>x</script>.jpg"))
    assert "&lt;script&gt;" in receiver.received[0]["message"]


def test_one_failure_stops_no_other(receiver: Receiver) -> None:
    """Each target that failed is named with its reason and without its secrets; the others are served."""
    with receiving(status=500) as broken:
        failed = send(
            [
                target(broken),
                f"json://me:{WORD}@127.0.0.1:1/{TOKEN}",
                f"mailt://me:{WORD}@example.org",
                f"slack://{TOKEN}",
                target(receiver),
            ],
            "title",
            "body",
        )
    assert [
        "json://127.0.0.1 no. 1 (refused, or not reached)",
        "json://127.0.0.1 no. 2 (refused, or not reached)",
        "mailt://*** (Apprise knows no such service)",
        "slack://*** (the URL is not complete)",
    ] == failed
    assert ["body"] == [message["message"] for message in receiver.received]
    assert ["body"] == [message["message"] for message in broken.received]


def test_a_service_that_never_answers_is_given_up(receiver: Receiver) -> None:
    """When the time is over, those who have answered count as served, and the sender is gone."""
    with receiving() as silent:
        silent.answering.clear()
        failed = send([f"{target(silent)}&rto=30", target(receiver)], "t", "b", deadline_seconds=8.0)
        assert ["json://127.0.0.1 no. 1 (no answer in time)"] == failed
        assert 1 == len(silent.received)
    assert ["b"] == [message["message"] for message in receiver.received]


def test_a_stop_ends_what_is_being_sent() -> None:
    """Whoever stops the process does not wait for a service that never answers."""
    with receiving() as silent, ThreadPoolExecutor(1) as pool:
        silent.answering.clear()
        sending_it = pool.submit(send, [f"{target(silent)}&rto=30"], "t", "b")
        assert silent.asked.wait(PATIENCE)
        abandon()
        assert ["json://127.0.0.1 (the sender broke down)"] == sending_it.result(PATIENCE)


def test_no_secret_reaches_a_log_or_a_terminal(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """With every logger at its noisiest, what was sent, refused or mistyped leaves no trace of a secret."""
    with caplog.at_level(1), receiving(status=500) as broken:
        for name in ("apprise", "urllib3", "requests"):
            logging.getLogger(name).setLevel(1)
        send([target(receiver), target(broken), f"tgram://{TOKEN}:{WORD}", f"{TOKEN}"], "t", "b")
    said = caplog.text + "".join(capfd.readouterr())
    assert "a message was not delivered: json://127.0.0.1 no. 2" in said
    assert [] == [secret for secret in (WORD, TOKEN) if secret in said]
    assert {"simd.delivery.sending"} == {record.name for record in caplog.records}


def test_no_secret_is_on_a_command_line() -> None:
    """Every user of the machine may read the command lines of others."""
    assert ["-P", "-m", "simd.delivery.courier"] == list(sending._COMMAND[1:])


def test_a_sender_that_breaks_down_is_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sender that dies or cannot be started leaves no target unaccounted for."""
    targets = [target(receiver), "dbus://"]
    expected = ["json://127.0.0.1 (the sender broke down)", "dbus://*** (the sender broke down)"]
    monkeypatch.setattr(sending, "_COMMAND", (sys.executable, "-c", "print('[0, nu'); raise SystemExit(1)"))
    assert expected == send(targets, "t", "b")
    monkeypatch.setattr(sending, "_COMMAND", (os.fspath(tmp_path / "none"),))
    assert expected == send(targets, "t", "b")


def test_what_a_sender_complains_of_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A traceback of a library would show the target with its secrets, so nothing of it comes through."""
    monkeypatch.setattr(sending, "_COMMAND", (sys.executable, "-c", "raise SystemExit(input())"))
    send([f"json://me:{WORD}@127.0.0.1:1/"], "t", "b")
    assert "" == capfd.readouterr().err.replace("\n", "").strip()


def test_nobody_to_tell_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a target there is no sender, so that the usual daemon pays nothing."""
    monkeypatch.setattr(sending, "_COMMAND", ("/nowhere",))
    assert () == tuple(send([], "t", "b"))


def test_the_daemon_does_not_load_apprise() -> None:
    """Apprise stays in the process that sends: it takes half a second and tens of megabytes."""
    code = "import sys, simd.delivery, simd.daemon; print([m for m in sys.modules if 'apprise' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
