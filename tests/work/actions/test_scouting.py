"""Files seen by another process before their turn: it saves looks, and decides nothing."""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.catalogue.sheet_codec import pack_facts, pack_standing, pack_weights
from simd.catalogue.sheet_reads import KeptSheet
from simd.core.actions.files import Files
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, PlanRecord, PlanRequest, Unit
from simd.core.actions.packing import pack_files, pack_paths, packed
from simd.core.actions.sheets import UNITS_AT_MOST, sheet_of
from simd.core.actions.standing import Standing
from simd.core.actions.words import Action, StepState
from simd.core.stamp import Stamp
from simd.work.actions import batching, checking, running, scouting, verbs
from simd.work.actions.batching import Given
from simd.work.actions.scout import Order, answer, demands_of
from simd.work.actions.scouting import Ahead, Scout, order_of
from simd.work.actions.sighting import Demand, Sighter, Unfit
from tests.catalogue.given_steps import PLANNED, noted, units
from tests.examples import brief
from tests.work.actions.library import Library

COPIES = 12


class Patient(Scout):
    """One that waits until the other process is ready, so that it is asked whatever is to be asked."""

    def ask(self, order: Order) -> None:
        """Have files looked at, unless the process is lost."""
        while not self._is_asked and not self._is_lost:
            super().ask(order)


@pytest.fixture
def scout() -> Iterator[Patient]:
    """One that nobody stops."""
    with closing(Patient(lambda: None)) as begun:
        yield begun


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The files that this process opens to look at them."""
    paths: list[bytes] = []
    look = Sighter._opened

    def noting(self: Sighter, path: bytes) -> int:
        paths.append(path)
        return look(self, path)

    monkeypatch.setattr(Sighter, "_opened", noting)
    return paths


def lay(place: Path, content: bytes = b"picture") -> Known:
    """A file, as a plan knows it."""
    place.write_bytes(content)
    return Known(os.fsencode(place), Stamp.of(place.stat()), hashlib.sha256(content).digest())


def order_about(*units: Demand | Sequence[Demand]) -> Order:
    """An order by which just this is demanded."""
    demands = [[unit] if isinstance(unit, Demand) else unit for unit in units]
    every = [demand for unit in demands for demand in unit]
    ends = list(accumulate(map(len, demands)))
    spans = list(zip([0, *ends], ends, strict=False))
    files, read = [demand.file for demand in every], [demand.read for demand in every]
    facts = packed(*pack_files(Files.of(files), Files.of(demand.kept for demand in every)))
    order = Order(facts, None, spans, read)
    if every[0].home is not None:
        pairs = zip(files, every, strict=True)
        homes = [file._replace(path=b"%s/a.jpg" % demand.home) for file, demand in pairs]
        places = packed(b"", b"", pack_paths([file.path for file in files]))
        order = Order(packed(*pack_files(Files.of(homes), Files.of([None] * len(homes)))), places, spans, ())
    assert demands == demands_of(order)
    return order


def asked(scout: Scout, *units: Demand | Sequence[Demand]) -> list[bool]:
    """Which of these units are as they have to be, as far as the other process has found out."""
    scout.ask(order_about(*units))
    return list(scout.answer())


def is_met(*unit: Demand) -> bool:
    """The same, found out here."""
    try:
        for demand in unit:
            Sighter().require(demand)
    except Unfit:
        return False
    return True


def test_only_what_is_as_it_should_be_is_met(tmp_path: Path, scout: Patient, opened: list[bytes]) -> None:
    """A file that has changed, has other bytes under the old date, is gone, or became a link is not.

    Nobody looks at any of them here.
    """
    folder = tmp_path.resolve()
    changed, secret, gone, link, fit = (lay(folder / f"{number}.jpg") for number in range(5))
    (folder / "0.jpg").write_bytes(b"longer than before")
    (folder / "1.jpg").write_bytes(b"PICTURE")
    os.utime(folder / "1.jpg", ns=(0, secret.stamp.mtime_ns))
    (folder / "2.jpg").unlink()
    (folder / "3.jpg").rename(folder / "moved.jpg")
    (folder / "3.jpg").symlink_to("moved.jpg")
    every = [Demand(known, read=True) for known in (changed, secret, gone, link, fit)]
    assert [False, False, False, False, True] == asked(scout, *every)
    assert [] == opened
    assert [False, False, False, False, True] == [is_met(demand) for demand in every]


def test_what_is_kept_has_to_be_there_and_another_file(tmp_path: Path, scout: Patient) -> None:
    """Not one that has changed, nor the same under another name."""
    folder = tmp_path.resolve()
    file, kept, changed = (lay(folder / f"{number}.jpg") for number in range(3))
    (folder / "2.jpg").write_bytes(b"longer than before")
    (folder / "link.jpg").hardlink_to(folder / "0.jpg")
    itself = Known(os.fsencode(folder / "link.jpg"), file.stamp, file.digest)
    every = [[Demand(file, other, read=True)] for other in (kept, changed, itself)]
    assert [True, False, False] == [is_met(*unit) for unit in every]
    assert [[True], [False], [False]] == [asked(scout, *unit) for unit in every]


def test_bytes_that_nobody_has_read_have_to_be_equal(tmp_path: Path, scout: Patient) -> None:
    """Those of a raw file and of its counterpart, of which a plan knows no digests."""
    folder = tmp_path.resolve()
    places, contents = [folder / f"{number}.cr2" for number in range(3)], (b"raw", b"raw", b"RAW")
    raw, equal, other = (
        lay(place, content)._replace(digest=None) for place, content in zip(places, contents, strict=True)
    )
    assert [True] == asked(scout, Demand(raw, equal, read=True))
    assert [False] == asked(scout, Demand(raw, other, read=True))
    assert [True] == asked(scout, Demand(raw, other))


def test_files_that_have_to_be_together_are_on_one_filesystem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others need not be."""
    here, there = (lay(tmp_path.resolve() / f"{number}.jpg") for number in range(2))
    devices = {here.path: 1, there.path: 2}
    monkeypatch.setattr(Sighter, "see", lambda _, known, **__: (devices[known.path], known.stamp.inode))
    assert [False, True] == [is_met(Demand(here, there, together=together)) for together in (True, False)]


def test_a_unit_is_met_with_all_its_files(tmp_path: Path, scout: Patient) -> None:
    """One that has changed is enough."""
    folder = tmp_path.resolve()
    one, other, changed = (Demand(lay(folder / f"{number}.jpg"), read=True) for number in range(3))
    (folder / "2.jpg").write_bytes(b"longer than before")
    assert [True] == asked(scout, [one, other])
    assert [False] == asked(scout, [one, changed])


def test_bytes_are_read_where_that_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing from outside tells that they are others."""
    known, reading, read = lay(tmp_path.resolve() / "a.jpg"), os.pread, []

    def noting(*given: int) -> bytes:
        read.append(given[1])
        return reading(*given)

    monkeypatch.setattr(os, "pread", noting)
    assert [True] == answer(order_about(Demand(known)))
    assert [] == read
    assert [True] == answer(order_about(Demand(known, read=True)))
    assert [known.stamp.size] == read


def test_what_is_kept_is_read_once_for_all_units_of_an_order(tmp_path: Path, opened: list[bytes]) -> None:
    """It stays instead of many."""
    kept, *others = (lay(tmp_path.resolve() / f"{number}.jpg") for number in range(3))
    assert [True, True] == answer(order_about(*(Demand(other, kept, read=True) for other in others)))
    assert [others[0].path, kept.path, others[1].path] == opened


def test_folders_behind_a_link_are_not_gone_back_to(tmp_path: Path, scout: Patient) -> None:
    """The others are, whether they are there or not."""
    folder = tmp_path.resolve()
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    known = lay(folder / "a.jpg")
    homes = [os.fsencode(folder / name) for name in ("real", "link", "link/below", "away")]
    assert [True, False, False, True] == [
        asked(scout, Demand(known, read=True, home=home)) == [True] for home in homes
    ]


def test_when_the_process_is_lost_everybody_looks_for_himself(
    tmp_path: Path, scout: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    """Amid an answer; nothing is asked of it any more, and it is told once."""
    demand = Demand(lay(tmp_path.resolve() / "a.jpg"), read=True)
    assert [True] == asked(scout, demand)
    process = scout._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)  # it does not answer any more
    scout.ask(order_about(demand))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert () == scout.answer()
    assert [] == asked(scout, demand)
    assert ["files are not looked at ahead any more"] == [text.partition(":")[0] for text in caplog.messages]


def test_without_a_process_everybody_looks_for_himself(
    tmp_path: Path, scout: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be too many, or no memory for one."""
    monkeypatch.setattr(scouting, "_COMMAND", (str(tmp_path / "nowhere"),))
    assert [] == asked(scout, Demand(lay(tmp_path.resolve() / "a.jpg")))


def test_who_waits_for_an_answer_can_be_stopped(tmp_path: Path) -> None:
    """It may hang on a disk that does not answer; nothing of it stays when that ends."""

    def stop() -> None:
        raise InterruptedError

    with closing(Patient(stop)) as scout:
        demand = Demand(lay(tmp_path.resolve() / "a.jpg"))
        assert [True] == asked(scout, demand)
        process = scout._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        scout.ask(order_about(demand))
        with pytest.raises(InterruptedError):
            scout.answer()
    assert -signal.SIGKILL == process.returncode


APPLIED = PlanRecord(
    id=7,
    action=Action.QUARANTINE,
    by_hand=False,
    warnings=(),
    made_at=datetime(2026, 1, 1, tzinfo=UTC),
    counts={},
    size=0,
    last_at=None,
)


@settings(brief(30))
@given(units(noted(PLANNED)), st.sets(st.sampled_from(StepState), min_size=1), st.booleans())
def test_the_same_is_demanded_ahead_and_at_the_turn(
    given_units: list[Unit],
    states: set[StepState],
    backwards: bool,  # noqa: FBT001 - hypothesis gives it by its place
) -> None:
    """Of every file of every unit in its order, before it is taken away and before it is put back."""
    steps = [step._replace(place=step.place or b"/q/a") for unit in given_units for step in unit.steps]
    sheet, standing = sheet_of(steps), Standing.of(steps, [0] * len(steps))
    kept = KeptSheet(7, 1, pack_weights(sheet), pack_facts(sheet), pack_standing(standing))
    portion = kept.portion(states, backwards=backwards)
    wanted = portion.units()
    assert kept.units(states)[:: -1 if backwards else 1] == wanted
    taking, back = (order_of(portion, ahead) for ahead in (Ahead.TAKING, Ahead.PUTTING_BACK))
    assert taking is not None
    assert back is not None
    assert [checking._demands(APPLIED, unit) for unit in wanted] == demands_of(taking)
    assert [verbs._demands_back(unit) for unit in wanted] == demands_of(back)
    assert order_of(Given(wanted), Ahead.TAKING) is None


@pytest.mark.skipif(sys.platform != "linux", reason="nowhere else can the size of a pipe be chosen")
def test_an_order_is_given_without_a_wait(tmp_path: Path, scout: Patient) -> None:
    """Though the process be halted, and the order be as long as that of a full sheet with long paths."""
    known = lay(tmp_path.resolve() / "a.jpg")
    assert [True] == asked(scout, Demand(known))
    process = scout._process
    assert process is not None
    far = [known._replace(path=b"/%d/%s" % (number, b"x" * 700)) for number in range(UNITS_AT_MOST)]
    order = order_about(*map(Demand, far))
    assert 150_000 < len(order.facts)
    process.send_signal(signal.SIGSTOP)
    asking = Thread(target=scout.ask, args=[order], daemon=True)
    asking.start()
    asking.join(20)
    waits = asking.is_alive()
    process.send_signal(signal.SIGCONT)
    assert not waits
    assert [False] * UNITS_AT_MOST == list(scout.answer())


def test_a_narrow_pipe_will_do(tmp_path: Path, scout: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """One user may have only so much room in pipes."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    assert [True] == asked(scout, Demand(lay(tmp_path.resolve() / "a.jpg")))


def test_the_process_loads_nothing_heavy() -> None:
    """It has to be ready after a few batches."""
    words = "import sys, json, simd.work.actions.scout; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", words]))
    heavy = {"numpy", "sqlalchemy", "PIL", "pydantic", "sqlite3", "multiprocessing", "asyncio", "logging"}
    assert set() == heavy & set(loaded)


@pytest.fixture
def ahead(library: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """``kept.jpg`` with copies in ``sub``; a batch is one picture, and all but the first are seen ahead."""
    monkeypatch.setattr(scouting, "Scout", Patient)
    monkeypatch.setattr(running, "WORTH_LOOKING_AHEAD", 2)
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    library.add("kept.jpg", b"A" * 1_000, width=2_000)
    for number in range(COPIES):
        library.add(f"sub/{number:02d}.jpg", b"A" * 1_000)
    return library


def planned(library: Library, action: Action = Action.QUARANTINE) -> int:
    """A plan about everything."""
    return int(library.actions.plan(PlanRequest(action=action)).id)


def test_a_whole_plan_is_applied_and_undone_with_one_look_by_itself(
    ahead: Library, opened: list[bytes]
) -> None:
    """Those of the first batch, while the other process begins; in the end everything is as it was."""
    before, plan = ahead.tree(), planned(ahead)
    assert COPIES == ahead.actions.apply(plan, dry_run=False).done
    assert [ahead.path("sub/00.jpg"), ahead.path("kept.jpg")] == opened
    opened.clear()
    assert COPIES == ahead.actions.undo(ActionName(plan)).done
    assert [b"/11.jpg"] == [path[-7:] for path in opened]
    assert before == ahead.tree()


def test_a_dry_run_is_seen_ahead_as_well(ahead: Library, opened: list[bytes]) -> None:
    """What is not as it was is left alone with its reason, as in the run itself."""
    plan = planned(ahead)
    (ahead.folder / "sub/05.jpg").write_bytes(b"edited")
    outcome = ahead.actions.apply(plan, dry_run=True)
    assert (COPIES - 1, 1) == (outcome.done, outcome.refused)
    assert (outcome.troubles[0].reason or "").endswith("sub/05.jpg has changed since the plan was made.")
    assert {ahead.path(name) for name in ("kept.jpg", "sub/00.jpg", "sub/05.jpg")} == set(opened)


@pytest.mark.parametrize("happens", ["edited", "gone"])
def test_what_happens_after_it_was_seen_is_noticed_at_its_turn(
    ahead: Library, monkeypatch: pytest.MonkeyPatch, happens: str
) -> None:
    """Each file is looked at once more right before its move; the others go."""
    plan, victim = planned(ahead), ahead.folder / "sub/07.jpg"
    ask = Patient.ask

    def asking(self: Patient, order: Order) -> None:
        ask(self, order)
        if os.fsencode(victim) in [demand.file.path for unit in demands_of(order) for demand in unit]:
            assert self._process is not None
            assert scouting._has_spoken(self._process, 20_000)
            victim.write_bytes(b"edited") if happens == "edited" else victim.unlink()

    monkeypatch.setattr(Patient, "ask", asking)
    outcome = ahead.actions.apply(plan, dry_run=False)
    assert (COPIES - 1, 1) == (outcome.done, outcome.refused)
    assert (happens == "edited") is victim.exists()


def test_files_that_become_links_are_not_seen_ahead(ahead: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each changes the kept file, which would seem to be written to while it is read."""
    orders: list[Order] = []
    monkeypatch.setattr(Patient, "ask", lambda _, order: orders.append(order))
    plan = planned(ahead, Action.HARDLINK)
    assert COPIES == ahead.actions.apply(plan, dry_run=False).done
    assert COPIES == ahead.actions.undo(ActionName(plan)).done
    assert [] == orders
