"""simctl service install and uninstall: what is written, asked, refused and told."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.canned import Canned, canned_server
from tests.ctl.service.conftest import RunService
from tests.ctl.service.fake_manager import FakeManager
from tests.render import samples

START = "import sys; from simd.ctl import main; sys.exit(main())"
NEW = ["daemon-reload", "enable simd.service", "restart simd.service"]


def test_installing_does_all_of_it(service: RunService, manager: FakeManager, photos: Path) -> None:
    """Settings and unit are written, the manager reads, enables and starts; then comes what to do next."""
    ran = service("install", photos)
    assert (0, "") == (ran.code, ran.err)
    assert NEW == manager.changes()
    assert f'roots: ["{photos}"]' in manager.config.read_text().splitlines()
    assert 0o600 == manager.config.stat().st_mode & 0o777
    assert '" "run"' in next(line for line in manager.unit.read_text().splitlines() if "ExecStart=" in line)
    for said in (
        "running (process 7)",
        str(photos),
        str(manager.config),
        "loginctl enable-linger",
        "simctl status",
    ):
        assert said in ran.out


def test_what_is_installed_passes_the_check(service: RunService, manager: FakeManager, photos: Path) -> None:
    """The settings that were written are sound to the daemon."""
    service("install", photos)
    done = subprocess.run(
        [sys.executable, "-m", "simd", "check-config"], capture_output=True, text=True, check=True
    )
    assert "1 folder to watch" in done.stdout


def test_installing_again_changes_no_settings(
    service: RunService, manager: FakeManager, photos: Path
) -> None:
    """Without folders, or with the same ones, the file that is there is used as it is."""
    manager.config.parent.mkdir(parents=True)
    manager.config.write_text(text := f"roots:\n  - {photos} # mine\nlog: {{level: debug}}\n")
    for words in ([], [photos], [photos / "../Pictures"]):
        answer = service("install", "--json", *words).json
        assert (False, None, [str(photos)]) == tuple(
            answer["config"][key] for key in ("written", "kept", "roots")
        )
    assert text == manager.config.read_text()
    assert NEW * 3 == manager.changes()


def test_other_folders_are_not_put_in_unasked(
    service: RunService, manager: FakeManager, photos: Path
) -> None:
    """Without a terminal nobody can be asked: nothing happens. With --yes only the folders change."""
    service("install", photos)
    (manager.home / "Other").mkdir()
    before = manager.config.read_text()
    changes = manager.changes()
    ran = service("install", manager.home / "Other")
    assert (4, "", before, changes) == (ran.code, ran.out, manager.config.read_text(), manager.changes())
    assert "--yes" in ran.err
    answer = service("install", manager.home / "Other", "--yes", "--json").json
    assert before == Path(answer["config"]["kept"]).read_text()
    assert before.replace("Pictures", "Other") == manager.config.read_text()


@pytest.mark.parametrize(("word", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_a_person_is_asked(manager: FakeManager, photos: Path, word: str, code: int) -> None:
    """On a terminal the question names both folders; only yes means yes."""
    manager.config.parent.mkdir(parents=True)
    manager.config.write_text("roots: [/mnt/elsewhere]\n")
    master, terminal = pty.openpty()
    words = [sys.executable, "-c", START, "service", "install", str(photos)]
    process = subprocess.Popen(words, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    os.write(master, f"{word}\n".encode())
    assert code == process.wait(60)
    assert process.stdout is not None
    process.stdout.close()
    asked = os.read(master, 65_536).decode()
    os.close(master)
    assert "/mnt/elsewhere" in asked
    assert str(photos) in asked
    assert (str(photos) in manager.config.read_text()) is (code == 0)
    assert (NEW if code == 0 else []) == manager.changes()


def test_a_link_to_the_settings_stays_a_link(service: RunService, manager: FakeManager, photos: Path) -> None:
    """Who keeps settings elsewhere finds them changed there."""
    real = manager.home / "dotfiles.yaml"
    real.write_text("roots: []\n")
    manager.config.parent.mkdir(parents=True)
    manager.config.symlink_to(real)
    assert 0 == service("install", photos, "--yes").code
    assert manager.config.is_symlink()
    assert f'roots: ["{photos}"]\n' == real.read_text()


def test_bad_folders_are_refused_before_anything_happens(
    service: RunService, manager: FakeManager, photos: Path
) -> None:
    """Missing, no folder, one in the other, one twice, not UTF-8: each with what to do."""
    (photos / "sub").mkdir()
    (photos / "file").touch()
    odd = os.fsdecode(os.fsencode(photos) + b"/\xe9")
    os.mkdir(odd)  # noqa: PTH102 - a name that is not UTF-8
    for code, words, said in (
        (4, [photos / "none"], "there is no folder"),
        (4, [photos / "file"], "is not a folder"),
        (4, [photos, photos / "sub"], "lies in"),
        (4, [photos, photos], "given twice"),
        (4, [odd], "not UTF-8"),
        (2, [], "no folder is named"),
    ):
        ran = service("install", *words)
        assert (code, "") == (ran.code, ran.out)
        assert said in ran.err
        assert "\nhint: " in ran.err
    assert [] == manager.changes()
    assert not manager.config.exists()


def test_faulty_settings_are_told_first(service: RunService, manager: FakeManager, photos: Path) -> None:
    """A daemon that would not start is not installed; every fault is in the message."""
    manager.config.parent.mkdir(parents=True)
    manager.config.write_text("rots: []\nsocket: 5\n")
    ran = service("install", photos, "--yes")
    assert 2 == ran.code
    assert "2 errors" in ran.err
    assert "rots" in ran.err
    assert "socket" in ran.err
    assert [] == manager.changes()


def test_a_dry_run_writes_nothing(service: RunService, manager: FakeManager, photos: Path) -> None:
    """Files and commands are shown in their order, also where there is no manager."""
    manager.set("no-bus")
    ran = service("install", photos, "--dry-run")
    assert 0 == ran.code
    assert ran.out.index(f"write {manager.config}") < ran.out.index(f"write {manager.unit}")
    assert "run systemctl --user enable simd.service" in ran.out
    steps = service("install", photos, "--dry-run", "--json").json["steps"]
    assert [["write", "content"], ["write", "content"], ["run"], ["run"], ["run"]] == [
        list(step) for step in steps
    ]
    assert [] == manager.changes()
    assert not manager.unit.exists()


def test_without_a_bus_nothing_is_written(service: RunService, manager: FakeManager, photos: Path) -> None:
    """A container, or a session without a manager: the error says so before anything is touched."""
    manager.set("no-bus")
    ran = service("install", photos)
    assert (5, "") == (ran.code, ran.out)
    assert "systemd" in ran.err
    assert "\nhint: " in ran.err
    assert not manager.config.exists()


def test_without_systemd(
    service: RunService, manager: FakeManager, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no systemctl, the hint says what to have started instead."""
    monkeypatch.setenv("PATH", "/nowhere")
    ran = service("install", photos)
    assert 5 == ran.code
    assert "no service manager" in ran.err
    assert "simd run --root DIR" in ran.err


def test_under_sudo_it_would_be_the_wrong_service(
    service: RunService, manager: FakeManager, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures are the user's, and so must the daemon be."""
    if os.getuid() != 0:
        pytest.skip("only root can look like sudo")
    monkeypatch.setenv("SUDO_UID", "1000")
    ran = service("install", photos)
    assert 4 == ran.code
    assert "without sudo" in ran.err
    assert [] == manager.changes()


def test_a_rival_is_not_overrun(
    service: RunService, manager: FakeManager, photos: Path, tmp_path: Path
) -> None:
    """A daemon that was started by hand would keep the service from starting: it is named first."""
    (tmp_path / "run/simd").mkdir(mode=0o700)
    with canned_server(tmp_path / "run/simd/simd.sock") as server:
        server.answers["GET", "/v1/status"] = Canned(samples.status() | {"pid": 4711})
        ran = service("install", photos)
        assert 5 == ran.code
        assert "4711" in ran.err
        assert [] == manager.changes()
        server.answers["GET", "/v1/status"] = Canned(samples.status() | {"pid": 7})
        manager.unit.parent.mkdir(parents=True)
        manager.unit.touch()
        assert 0 == service("install", photos).code


def test_a_start_that_fails_shows_the_last_messages(
    service: RunService, manager: FakeManager, photos: Path
) -> None:
    """The error is the daemon's own, and those before it stand above; in JSON it is the object."""
    manager.set("broken")
    ran = service("install", photos)
    assert (5, "") == (ran.code, ran.out)
    assert "  simd.daemon: one\n" in ran.err
    assert "simctl: simd did not start: simd: the catalogue is locked\nhint: end the other one; " in ran.err
    for verb in ("start", "restart"):
        error = service(verb, "--json").json["error"]
        assert ("failed", "simd did not start: simd: the catalogue is locked") == (
            error["code"],
            error["message"],
        )
    status = service("status")
    assert (1, True) == (status.code, "simctl service logs" in status.out)


def test_uninstalling_leaves_everything_else(service: RunService, manager: FakeManager, photos: Path) -> None:
    """The unit is gone, and the answer says where the rest is."""
    service("install", photos)
    ran = service("uninstall")
    assert 0 == ran.code
    assert ["disable --now simd.service", "daemon-reload", "reset-failed simd.service"] == manager.changes()[
        3:
    ]
    assert not manager.unit.exists()
    for left in (photos, manager.config, manager.home / ".local/state/simd"):
        assert str(left) in ran.out
    assert manager.config.exists()
    assert 4 == service("uninstall").code


def test_chosen_places_go_along(
    service: RunService, manager: FakeManager, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon finds what the user's shell names, and simctl is told where the daemon listens."""
    state, config = manager.home / "state", manager.home / "mine.yaml"
    monkeypatch.setenv("SIMD_STATE_DIR", str(state))
    monkeypatch.setenv("SIMD_CONFIG", str(config))
    answer = service("install", photos, "--json").json
    assert (str(config), str(state / "simd.sock")) == (answer["config"]["path"], answer["socket"])
    unit = manager.unit.read_text()
    assert f'Environment="SIMD_STATE_DIR={state}"\n' in unit
    assert f'Environment="SIMD_CONFIG={config}"\n' in unit
    assert f'"--socket" "{state}/simd.sock" "reload"\n' in unit
    assert config.exists()


def test_a_socket_of_its_own_is_told(service: RunService, manager: FakeManager, photos: Path) -> None:
    """A socket that the settings name is unknown to simctl, which does not read them."""
    manager.config.parent.mkdir(parents=True)
    manager.config.write_text(f"roots: [{photos}]\nsocket: /run/mine.sock\n")
    assert "export SIMD_SOCKET=/run/mine.sock" in service("install").out
