"""What somebody saves in the moment between the last look at a file and its move, also if simd dies in it."""

import os

import pytest

from simd.system import moving
from tests.work.actions.library import Library
from tests.work.actions.rummage import DeadError
from tests.work.actions.test_mishaps import after_the_look, failing, planned


def test_a_file_that_has_changed_is_not_even_moved(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens it by its name at that moment finds it."""
    plan, path = planned(filled), filled.folder / "sub/a.jpg"
    after_the_look(filled, monkeypatch, lambda: path.write_bytes(b"edited"))
    monkeypatch.setattr("simd.work.actions.deeds.move", failing(*range(9)))
    outcome = filled.actions.apply(plan, dry_run=False)
    assert ["has just changed."] == [(step.reason or "")[-17:] for step in outcome.troubles]


def test_a_file_that_is_replaced_as_it_is_moved_is_put_back(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not meant: whatever was moved has its own name again, and its sidecar is where it was."""
    plan, path = planned(filled), filled.folder / "sub/a.jpg"
    calls = iter(range(9))

    def move(source: bytes, target: bytes) -> None:
        if next(calls) == 0:
            path.with_name("new").write_bytes(b"edited")
            path.with_name("new").rename(path)
        moving.move(source, target)

    monkeypatch.setattr("simd.work.actions.deeds.move", move)
    outcome = filled.actions.apply(plan, dry_run=False)
    assert ["has just been replaced."] == [(step.reason or "")[-23:] for step in outcome.troubles]
    assert b"edited" == path.read_bytes()
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp"} == set(filled.tree())
    assert [] == filled.journal.unfinished()


def test_a_second_name_goes_after_a_crash_whatever_was_written_meanwhile(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a move is a link and an unlink, and the process died in between: the name in its folder stays."""
    plan, path = planned(filled), filled.folder / "sub/a.jpg"

    def link(source: bytes, target: bytes) -> None:
        os.link(source, target)
        raise DeadError

    with monkeypatch.context() as dying:
        dying.setattr("simd.work.actions.deeds.move", link)
        with pytest.raises(DeadError):
            filled.actions.apply(plan, dry_run=False)
    path.write_bytes(b"edited")
    filled.restart()
    assert (b"edited", []) == (path.read_bytes(), filled.journal.unfinished())
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp"} == set(filled.tree())


def replaced_and_dead(library: Library, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Have somebody save a file anew between the last look and the move, and the process die after that."""
    plan, path = planned(library), library.folder / "sub/a.jpg"

    def move(source: bytes, target: bytes) -> None:
        path.with_name("new").write_bytes(b"edited")
        path.with_name("new").rename(path)
        moving.move(source, target)
        raise DeadError

    with monkeypatch.context() as dying:
        dying.setattr("simd.work.actions.deeds.move", move)
        with pytest.raises(DeadError):
            library.actions.apply(plan, dry_run=False)
    assert not path.exists()
    [step, *_] = library.journal.unfinished()
    assert step.place is not None
    return step.place


def test_what_was_saved_in_the_last_moment_is_put_back_after_a_crash(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not meant, and nobody has a copy of it; its sidecar is where it was."""
    place = replaced_and_dead(filled, monkeypatch)
    filled.restart()
    assert b"edited" == (filled.folder / "sub/a.jpg").read_bytes()
    assert not os.path.lexists(place)
    assert (filled.folder / "sub/a.xmp").exists()
    assert [] == filled.journal.unfinished()


def test_what_was_saved_in_the_last_moment_waits_for_its_place(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file stands there by now: neither is touched, and the step is open until the place is free."""
    place = replaced_and_dead(filled, monkeypatch)
    path = filled.folder / "sub/a.jpg"
    path.write_bytes(b"a third one")
    filled.restart()
    assert (b"a third one", True) == (path.read_bytes(), os.path.lexists(place))
    assert "another file than was meant" in (filled.journal.unfinished()[0].reason or "")
    path.unlink()
    filled.restart()
    assert (b"edited", []) == (path.read_bytes(), filled.journal.unfinished())
