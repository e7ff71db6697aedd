"""A daemon that is loading is asked again, for as long as somebody has patience."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from simd.client import patience as module
from simd.client.http import Client
from simd.client.patience import Patience
from simd.core.errors import Loading, Unavailable
from tests.client.canned import Canned, CannedServer, Question, refused

LOADING = refused(503, "loading", "simd is loading its catalogue", "try again in a moment")


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)


def loads(times: int, then: Canned) -> Iterator[Canned]:
    """What a daemon answers that is ready after so many questions."""
    yield from [LOADING] * times
    while True:
        yield then


def _next_of(answers: Iterator[Canned], _question: Question) -> Canned:
    return next(answers)


def test_every_kind_of_question_is_asked_again(server: CannedServer) -> None:
    """With all that it brought, until the daemon is ready; whoever waits is told once."""
    told: list[str] = []
    client = Client(server.path, patience=Patience(20.0, lambda: told.append("loading")))
    stream = Canned(events="event: image\ndata: {}\n\n")
    for method, path in (("GET", "/v1/x"), ("POST", "/v1/x"), ("POST", "/v1/upload"), ("GET", "/v1/events")):
        answers = loads(2, stream if path == "/v1/events" else Canned({"a": 1}))
        server.answers[method, path] = partial(_next_of, answers)

    assert {"a": 1} == client.get("/v1/x", {"q": "ä"})
    assert {"a": 1} == client.post("/v1/x", {"b": 2})
    assert {"a": 1} == client.upload("/v1/upload", None, b"picture", "p.jpg")
    with closing(client.events()) as events:
        assert [("image", {})] == list(events)

    assert ["loading"] == told
    assert 4 * 3 == len(server.questions)
    assert [{"q": "ä"}] * 3 == [question.params for question in server.questions[:3]]
    assert [{"b": 2}] * 3 == [question.json for question in server.questions[3:6]]
    assert [b"picture"] * 3 == [question.fields["file"][1] for question in server.questions[6:9]]


def test_patience_ends(server: CannedServer) -> None:
    """When it is over the error says where to look; without any the question is asked once."""
    server.answers["GET", "/v1/x"] = LOADING
    with pytest.raises(Loading, match="loading its catalogue") as caught:
        Client(server.path).get("/v1/x")
    assert (1, 5) == (len(server.questions), caught.value.exit_code)
    assert "simctl status" in str(caught.value.hint)

    client = Client(server.path, patience=Patience(0.02))
    with pytest.raises(Loading):
        client.get("/v1/x")
    assert 2 < len(server.questions)
    assert client.patience.waited >= 0.02


def test_a_question_may_have_patience_of_its_own(server: CannedServer) -> None:
    """More or less than the client has."""
    asked: list[Question] = []

    def answer(question: Question) -> Canned:
        asked.append(question)
        return LOADING if len(asked) < 3 else Canned({})

    server.answers["POST", "/v1/x"] = answer
    assert {} == Client(server.path).post("/v1/x", patience=20.0)
    asked.clear()
    with pytest.raises(Loading):
        Client(server.path, patience=Patience(20.0)).post("/v1/x", patience=0.0)


def test_other_refusals_are_not_waited_for(server: CannedServer) -> None:
    """A daemon that cannot answer for another reason is believed at once."""
    server.answers["GET", "/v1/x"] = refused(503, "unavailable", "too many clients are connected")
    with pytest.raises(Unavailable, match="too many"):
        Client(server.path, patience=Patience(20.0)).get("/v1/x")
    assert 1 == len(server.questions)
