"""The command rematch: follows the comparison by its events to its end."""

from tests.client.canned import Canned, CannedServer, refused
from tests.ctl.conftest import Run
from tests.ctl.test_scan import events
from tests.render import samples

STARTED = {"begun": True, "images": 1_200, "pairs": 40, "generation": 8}
COMPARING = ("rematch", {"phase": "compare", "done": 30, "total": 120})
OTHER = ("progress", {"phase": "decode", "done": 1, "total": 2})
DONE = ("rematch", {"phase": "done", "pairs": 45})


def prepare(server: CannedServer, *told: tuple[str, dict[str, object]], paused: bool = False) -> None:
    """A daemon that begins a rematch and tells these events."""
    server.answers["GET", "/v1/events"] = events(*told)
    server.answers["POST", "/v1/rematch"] = Canned(STARTED)
    server.answers["GET", "/v1/status"] = Canned(samples.status(**(samples.held() if paused else {})))


def test_it_listens_first_then_asks_then_waits(simctl: Run, server: CannedServer) -> None:
    """Progress is shown on standard error, the outcome on standard output."""
    prepare(server, OTHER, COMPARING, DONE)
    ran = simctl("rematch")
    assert 0 == ran.code
    assert ran.out.startswith("Compared 1,200 images: 45 similar pairs, 40 before, in ")
    assert "compare: 30 of 120 (25 %)\n" == ran.err
    assert ["/v1/events", "/v1/rematch", "/v1/status"] == [question.path for question in server.questions]


def test_json_is_one_object_with_the_end(simctl: Run, server: CannedServer) -> None:
    """The daemon's answer, and what came of it."""
    prepare(server, COMPARING, DONE)
    answer = simctl("rematch", "--json").json
    assert isinstance(answer.pop("took_ms"), int)
    assert {**STARTED, "finished": True, "pairs_after": 45} == answer


def test_an_interruption_is_told(simctl: Run, server: CannedServer) -> None:
    """The daemon says what is wrong and what to do, and the command fails with that."""
    failed: dict[str, object] = {"phase": "failed", "message": "the disk is full.", "hint": "Free space."}
    prepare(server, COMPARING, ("rematch", failed))
    ran = simctl("rematch")
    assert (5, "") == (ran.code, ran.out)
    assert ran.err.endswith("simctl: the rematch was interrupted: the disk is full.\nhint: Free space.\n")


def test_a_daemon_that_stops_meanwhile_is_told(simctl: Run, server: CannedServer) -> None:
    """The stream ends before the rematch does: that is a failure, not a result."""
    prepare(server, COMPARING)
    ran = simctl("rematch")
    assert (5, "") == (ran.code, ran.out)
    assert "stopped before the rematch was over" in ran.err


def test_a_paused_daemon_is_not_waited_for(simctl: Run, server: CannedServer) -> None:
    """The rematch is begun and rests: the command says so and ends."""
    prepare(server, paused=True)
    assert (0, True) == (
        (ran := simctl("rematch")).code,
        "waits: paused by hand since" in ran.out,
    )
    assert simctl("rematch", "--json").json["finished"] is False


def test_it_takes_no_arguments_and_no_refusal(simctl: Run, server: CannedServer) -> None:
    """A word too many is wrong usage; an error of the daemon is told as it is."""
    assert 2 == simctl("rematch", "everything").code
    prepare(server)
    server.answers["POST", "/v1/rematch"] = refused(500, "catalogue", "it cannot be written")
    assert (5, "simctl: it cannot be written\n") == ((ran := simctl("rematch")).code, ran.err)
