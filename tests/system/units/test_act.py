"""Plans are carried out: real files, real programs."""

import os
import stat
from pathlib import Path

import pytest

from simd.core.errors import Failed
from simd.system.units.act import NotStarted, perform, run
from simd.system.units.plan import MakeFolder, Remove, Run, Write
from simd.system.units.programs import carried, program, script_folders
from simd.system.units.trouble import trouble


def sh(script: str, *, starts: bool = False) -> Run:
    """A step that runs a shell."""
    return Run(("sh", "-c", script), starts=starts)


def test_steps_are_taken_in_order(tmp_path: Path) -> None:
    """Folders are made, files replaced with their mode, programs run, files removed."""
    file, log = tmp_path / "a/b/unit", tmp_path / "log"
    old = tmp_path / "old"
    old.touch()
    plan = (
        MakeFolder(tmp_path / "m"),
        Write(file, b"one", 0o600),
        sh(f"cat {file} >> {log}"),
        Write(file, b"two", 0o644),
        sh(f"cat {file} >> {log}"),
        Remove(old),
        Remove(old),
    )
    perform(plan, os.environ, lambda: None)
    assert b"onetwo" == log.read_bytes()
    assert 0o644 == stat.S_IMODE(file.stat().st_mode)
    assert 0o700 == stat.S_IMODE((tmp_path / "m").stat().st_mode)
    assert ["unit"] == [path.name for path in file.parent.iterdir()]
    assert not old.exists()


def test_the_first_failure_ends_the_plan(tmp_path: Path) -> None:
    """What the program said is in the message, and the next step is not taken."""
    with pytest.raises(Failed, match="no such thing") as caught:
        perform((sh("echo no such thing >&2; exit 3"), Remove(tmp_path)), os.environ, lambda: None)
    assert not isinstance(caught.value, NotStarted)
    assert tmp_path.is_dir()


def test_an_accepted_code_is_no_failure() -> None:
    """Codes of launchctl and systemctl say that there was nothing to do."""
    perform((Run(("sh", "-c", "exit 3"), accepted=frozenset({0, 3})),), os.environ, lambda: None)


def test_a_start_that_fails_is_told_apart() -> None:
    """Whoever started the daemon can look into its log then."""
    with pytest.raises(NotStarted):
        perform((sh("exit 1", starts=True),), os.environ, lambda: None)


def test_a_start_is_followed(tmp_path: Path) -> None:
    """While the program runs, the caller hears of it; here it ends because the caller lets it."""
    go = tmp_path / "go"
    perform((sh(f"until [ -e {go} ]; do :; done", starts=True),), os.environ, go.touch)
    assert go.exists()


def test_much_output_blocks_nothing() -> None:
    """More than a pipe holds, on both streams, and not all of it UTF-8."""
    ended = run(sh("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; printf '\\351' >&2"), os.environ)
    assert (300_000, True) == (len(ended.out), ended.err.endswith("\\xe9"))


def test_a_program_that_is_not_there() -> None:
    """Without the manager's program there is no manager."""
    with pytest.raises(Failed, match="no service manager") as caught:
        run(Run(("/nowhere/systemctl",)), os.environ)
    assert "simd run" in str(caught.value.hint)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names the file and the reason, and no rest of it stays behind."""
    (tmp_path / "unit").mkdir()
    with pytest.raises(Failed, match=r"unit cannot be written: Is a directory"):
        perform((Write(tmp_path / "unit", b"x"),), os.environ, lambda: None)
    assert ["unit"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("complaint", "booted", "words"),
    [
        ("Failed to connect to bus: No medium found", True, "no instance of systemd runs for this user"),
        ("Failed to connect to bus: No such file or directory", False, "does not run this machine"),
        (
            "System has not been booted with systemd as init system (PID 1).",
            False,
            "does not run this machine",
        ),
        ("Failed to connect to user scope bus via local transport: $DBUS...", True, "no instance of systemd"),
        ("Bootstrap failed: 125: Domain does not support specified action", False, "launchd has no domain"),
    ],
)
def test_known_complaints_have_a_remedy(complaint: str, booted: bool, words: str) -> None:  # noqa: FBT001
    """A container, a session without a bus, a Mac over ssh: each is told with what to do."""
    found = trouble(complaint, booted=booted)
    assert found is not None
    assert words in found.message
    assert found.hint


def test_other_complaints_are_not_explained_away() -> None:
    """What is not known stays as the program said it."""
    assert trouble("Failed to enable unit: Unit simd.service does not exist.", booted=True) is None


def test_the_programs_beside_simctl_are_called(tmp_path: Path) -> None:
    """A link to them is not followed, so that an upgrade finds them again."""
    real, linked = tmp_path / "1.0", tmp_path / "bin"
    real.mkdir()
    linked.mkdir()
    for name in ("simd", "simctl"):
        (real / name).touch(mode=0o755)
        (linked / name).symlink_to(real / name)
    found = program(Path("/s.sock"), {}, str(linked / "simctl"))
    assert (f"{linked}/simd", "run") == found.run
    assert (f"{linked}/simctl", "--socket", "/s.sock", "reload") == found.reload
    assert tmp_path / "bin" == script_folders(str(linked / "simctl"))[0]


def test_the_shells_own_places_are_carried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables that choose files go along, absolute; all others stay behind."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "SIMD_STATE_DIR": "state",
        "SIMD_SOCKET": "",
        "XDG_STATE_HOME": "relative",
        "XDG_DATA_HOME": "/d",
    }
    assert [("SIMD_STATE_DIR", f"{tmp_path}/state"), ("XDG_DATA_HOME", "/d")] == carried(
        {**environ, "PATH": "/"}
    )
