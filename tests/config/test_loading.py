"""Flags, environment, file and defaults: which wins, and what is said when something is wrong."""

import os
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import time
from pathlib import Path

import pytest

from simd.config import Settings, cautions, find_config, load
from simd.config.faults import did_you_mean
from simd.config.settings import NotifySettings, ReportSettings, WatchSettings
from simd.core.errors import ConfigError
from simd.core.presets import PRESETS
from simd.core.quiet import Span
from tests.config.conftest import Written

WATCH_KEYS = [field.name for field in fields(WatchSettings)]

Faults = Callable[[str | bytes], list[str]]


def test_every_key_is_read(written: Written, tmp_path: Path) -> None:
    """Each key of a file with nothing at its default arrives."""
    path = written(
        f"""
roots: [{tmp_path}/a, {tmp_path}/b]
state_dir: {tmp_path}/state
socket: {tmp_path}/s
socket_mode: 0660
watch:
  {{settle_seconds: 1, settle_cap_seconds: 9, sweep_every: 2h, sweep_network_every: 5m, skip: [x, "*.y"]}}
imaging: {{workers: 3, deadline_seconds: 5, memory_limit: 2GiB, max_cpu_percent: 50}}
match: {{preset: loose}}
keep:
  {{rules: ["prefer:{tmp_path}/b", "taken:newest", name], copy_names: ["*~"], protected: [{tmp_path}/a/kept]}}
catalogue: {{forget_missing_after: 1w, backups_kept: 0}}
schedule:
  {{backup_at: 3:05, integrity: never, integrity_at: "5:00",
   quiet_hours: [22:00-6:30, "9:00 - 24:00"], pause_on_battery: true}}
report: {{at: 2:30, folder: {tmp_path}/r, keep_nightly: 5, keep_monthly: 0, groups_shown: 20}}
notify: {{targets: ["ntfy://x/y"], only_when_new: 100MB}}
log: {{level: debug, format: json}}
"""
    )
    settings = load(path, {}, {})
    assert (os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "b")) == settings.roots
    assert (tmp_path / "state", tmp_path / "s", 0o660) == (
        settings.state_dir,
        settings.socket,
        settings.socket_mode,
    )
    assert (1.0, 9.0, 7_200.0, 300.0, ("x", "*.y")) == (
        settings.watch.settle_seconds,
        settings.watch.settle_cap_seconds,
        settings.watch.sweep_every,
        settings.watch.sweep_network_every,
        settings.watch.skip,
    )
    assert ["prefer", "taken:newest", "name"] == [
        str(rule).partition(":/")[0] for rule in settings.keep.rules
    ]
    assert os.fsencode(tmp_path / "b") == settings.keep.rules[0].folder
    assert (("*~",), (os.fsencode(tmp_path / "a/kept"),)) == (
        settings.keep.copy_names,
        settings.keep.protected,
    )
    assert (3, 5.0, 2 * 2**30, 50) == (
        settings.imaging.workers,
        settings.imaging.deadline_seconds,
        settings.imaging.memory_limit,
        settings.imaging.max_cpu_percent,
    )
    assert ((Span(time(22), time(6, 30)), Span(time(9), time(0))), True) == (
        settings.schedule.quiet_hours,
        settings.schedule.pause_on_battery,
    )
    assert ("loose", 604_800.0, 0) == (
        settings.match.preset,
        settings.catalogue.forget_missing_after,
        settings.catalogue.backups_kept,
    )
    assert (time(3, 5), "never", time(5)) == (
        settings.schedule.backup_at,
        settings.schedule.integrity,
        settings.schedule.integrity_at,
    )
    assert ReportSettings(
        at=time(2, 30), folder=tmp_path / "r", keep_nightly=5, keep_monthly=0, groups_shown=20
    ) == (settings.report)
    assert NotifySettings(targets=("ntfy://x/y",), only_when_new=100_000_000) == settings.notify
    assert ("debug", "json") == (settings.log.level, settings.log.format)


def test_no_report_by_night(written: Written) -> None:
    """The nightly report can be done without."""
    assert load(written("report: {at: never}\n"), {}, {}).report.at is None


def test_every_preset_can_be_chosen(written: Written) -> None:
    """The presets that the configuration takes are those that exist."""
    chosen = [load(written(f"match: {{preset: {name}}}\n"), {}, {}).match.preset for name in PRESETS]
    assert list(PRESETS) == chosen


def test_flags_win_over_variables_over_the_file(written: Written, tmp_path: Path) -> None:
    """Each source is asked only for what the ones before it leave open."""
    path = written(
        f"state_dir: {tmp_path}/file\nsocket: {tmp_path}/file.sock\nroots: [{tmp_path}/file-root]\n"
    )
    environ = {"SIMD_CONFIG": str(path), "SIMD_STATE_DIR": str(tmp_path / "variable"), "SIMD_SOCKET": ""}
    from_variables = load(None, {"roots": None}, environ)
    assert tmp_path / "variable" == from_variables.state_dir
    assert tmp_path / "file.sock" == from_variables.socket
    assert (os.fsencode(tmp_path / "file-root"),) == from_variables.roots
    flags = {"state_dir": tmp_path / "flag", "roots": [str(tmp_path / "flag-root")]}
    from_flags = load(None, flags, environ)
    assert (tmp_path / "flag", (os.fsencode(tmp_path / "flag-root"),)) == (
        from_flags.state_dir,
        from_flags.roots,
    )
    other = tmp_path / "other.yaml"
    other.write_text("log: {level: debug}\n")
    assert "debug" == load(other, {}, environ).log.level


def test_shell_paths_are_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed in a shell means what it means there; the file has no such folder to start from."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "simd.yaml").write_text("log: {level: error}\n")
    settings = load(None, {"roots": ["photos"]}, {"SIMD_SOCKET": "s", "SIMD_CONFIG": "simd.yaml"})
    assert ((os.fsencode(tmp_path / "photos"),), tmp_path / "s") == (settings.roots, settings.socket)
    assert "error" == settings.log.level


def test_defaults_follow_the_system(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word, the folders are the XDG ones, and the socket lies in the runtime folder."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert home / ".local/state/simd" == load(None, {}, {}).state_dir
    assert runtime / "simd/simd.sock" == load(None, {}, {}).socket
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert tmp_path / "xdg/simd" == load(None, {}, {}).state_dir


def test_socket_follows_a_state_folder_from_the_shell(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state folder that simctl knows too takes the socket along; one from the file does not."""
    monkeypatch.setattr("simd.system.folders.runtime_folder", lambda: tmp_path / "run")
    assert tmp_path / "flag/simd.sock" == load(None, {"state_dir": tmp_path / "flag"}, {}).socket
    assert tmp_path / "var/simd.sock" == load(None, {}, {"SIMD_STATE_DIR": str(tmp_path / "var")}).socket
    assert tmp_path / "run/simd.sock" == load(written(f"state_dir: {tmp_path}/file\n"), {}, {}).socket


def test_usual_file_is_read_if_it_is_there(home: Path) -> None:
    """The file in the configuration folder needs no naming; a broken link there is no missing file."""
    usual = home / ".config/simd/simd.yaml"
    assert find_config(None, {}) is None
    usual.parent.mkdir(parents=True)
    usual.write_text("log: {level: warning}\n")
    assert usual == find_config(None, {})
    assert "warning" == load(None, {}, {}).log.level
    usual.unlink()
    usual.symlink_to(home / "gone")
    with pytest.raises(ConfigError, match="does not exist"):
        load(None, {}, {})


def test_misspelt_variable_is_named() -> None:
    """A variable that looks like ours and is not is an error; others are none of our business."""
    with pytest.raises(ConfigError) as caught:
        load(None, {}, {"SIMD_SOKET": "/s", "SIMD_A": "", "PATH": "/bin", "SIMDX": "1"})
    assert [
        "the configuration has 2 errors:",
        (
            "  environment: SIMD_A: there is no such variable "
            "(known here: SIMD_CONFIG, SIMD_SOCKET, SIMD_STATE_DIR)"
        ),
        "  environment: SIMD_SOKET: there is no such variable (did you mean SIMD_SOCKET?)",
    ] == caught.value.message.splitlines()


def test_all_faults_at_once(faults: Faults, tmp_path: Path) -> None:
    """Everything that is wrong with a file is said together, each with its line, key and hint."""
    said = faults(
        f"""roots: [{tmp_path}, relative, {tmp_path}/inside]
stat_dir: /x
socket_mode: 0644
watch:
  settle_secondz: 1
  settle_seconds: "2"
  settle_cap_seconds: -1
  sweep_every: 60
  skip: x
  zzz: 13
imaging: 3
match: {{preset: strikt}}
catalogue: {{backups_kept: 1.5}}
schedule: {{backup_at: 25:00, integrity: no}}
log: [info]
"""
    )
    expected = f"""
:1: roots[1]: expected an absolute path, such as /mnt/photos or ~/Pictures, not 'relative'
:1: roots[2]: {tmp_path}/inside lies in {tmp_path}, which is watched too (keep the outer folder)
:2: stat_dir: there is no such key (did you mean state_dir?)
:3: socket_mode: expected four octal digits that let the owner in and others out, such as "0600", not '0644'
:5: watch.settle_secondz: there is no such key (did you mean settle_seconds?)
:6: watch.settle_seconds: expected a number, not '2'
:7: watch.settle_cap_seconds: expected a number greater than 0, not -1
:8: watch.sweep_every: expected a duration: a number and a unit, such as 90s, 15m, 1h, 30d or 2w, not 60
:9: watch.skip: expected a list, not 'x'
:10: watch.zzz: there is no such key (known here: {", ".join(sorted(WATCH_KEYS))})
:11: imaging: expected keys with values, not 3
:12: match.preset: expected strict, default or loose, not 'strikt' (did you mean strict?)
:13: catalogue.backups_kept: expected a whole number, not 1.5
:14: schedule.backup_at: expected a time of day from 00:00 to 23:59, such as 03:00, not '25:00'
:14: schedule.integrity: expected daily, weekly or never, not 'no'
:15: log: expected keys with values, not a list
"""
    assert sorted(expected.strip().splitlines()) == sorted(said)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("imaging: {workers: true}", "imaging.workers: expected a whole number, not true"),
        ("imaging: {workers: 08}", "imaging.workers: expected a whole number, not '08'"),
        ("imaging: {workers: -1}", "imaging.workers: expected a number greater than or equal to 0, not -1"),
        ("watch: {settle_seconds: 1e999}", "watch.settle_seconds: expected a finite number, not inf"),
        (
            "watch: {settle_seconds: 100}",
            "watch.settle_cap_seconds: 60 is less than watch.settle_seconds (100)",
        ),
        ("schedule: {pause_on_battery: yes}", "schedule.pause_on_battery: expected true or false, not 'yes'"),
        (
            "schedule: {quiet_hours: ['9-18']}",
            "schedule.quiet_hours[0]: expected a span of the day, such as 09:00-18:00 or",
        ),
        ("schedule: {quiet_hours: 09:00-18:00}", "schedule.quiet_hours: expected a list, not '09:00-18:00'"),
        (
            "schedule: {quiet_hours: ['6:00-22:00', '21:00-7:00']}",
            "schedule.quiet_hours: the whole day is quiet, so no picture would ever be read",
        ),
        (
            "imaging: {max_cpu_percent: 0}",
            "imaging.max_cpu_percent: expected a number greater than or equal to 1, not 0",
        ),
        ("watch: {skip: ['']}", "watch.skip[0]: the text is empty, not ''"),
        ("watch: {skip: [1]}", "watch.skip[0]: expected text, not 1"),
        (
            "report: {at: 25:00}",
            "report.at: expected a time of day from 00:00 to 23:59, such as 03:00, or never, not '25:00'",
        ),
        ("report: {at: nightly}", "such as 03:00, or never, not 'nightly'"),
        ("report: {at: 3}", "such as 03:00, or never, not 3"),
        ("report: {keep_nightly: 0}", "report.keep_nightly: expected a number greater than or equal to 1"),
        ("report: {groups_shown: 2001}", "report.groups_shown: expected a number less than or equal to 2000"),
        ("report: {folder: reports}", "report.folder: expected an absolute path"),
        ("notify: {only_when_new: 100}", "notify.only_when_new: expected a size"),
        (
            "keep: {rules: [size]}",
            "keep.rules[0]: expected a keep rule (the rules are prefer:FOLDER, protected,",
        ),
        ("keep: {rules: ['taken:first']}", "modified:newest, path and name), not 'taken:first'"),
        ("keep: {rules: ['prefer:photos']}", "keep.rules[0]: expected an absolute path"),
        ("keep: {rules: [1]}", "keep.rules[0]: expected a keep rule"),
        (
            "keep: {rules: [path, 'taken:oldest', 'taken:newest']}",
            "keep.rules: taken:newest can decide nothing after taken:oldest (leave one of them out)",
        ),
        ("keep: {copy_names: ['']}", "keep.copy_names[0]: the text is empty"),
        ("keep: {protected: [masters]}", "keep.protected[0]: expected an absolute path"),
        (
            "roots: [/photos]\nkeep: {protected: [/photos/a, /photographs]}",
            "keep.protected[1]: /photographs lies in no watched folder, so nothing in it is ever touched",
        ),
        ("roots: /photos", "roots: expected a list, not '/photos'"),
        (
            "roots: [null]",
            "roots[0]: expected an absolute path, such as /mnt/photos or ~/Pictures, not nothing",
        ),
        ("socket: run/s", "socket: expected an absolute path"),
        ("? [a, b]\n: 1", "there is no such key"),
        ("<<: {log: {}}", "<<: there is no such key"),
    ],
)
def test_values_that_do_not_fit(faults: Faults, line: str, fault: str) -> None:
    """A value of the wrong kind is not bent into shape."""
    said = faults(line + "\n")
    assert 1 == len(said)
    assert fault in said[0]


def test_links_to_folders_are_followed(written: Written, tmp_path: Path) -> None:
    """The catalogue knows files by the folders that they lie in, and so do rules and protection."""
    photos = tmp_path / "photos"
    (photos / "kept").mkdir(parents=True)
    (tmp_path / "link").symlink_to(photos)
    keep = f"{{rules: ['prefer:{tmp_path}/link/best'], protected: [{tmp_path}/link/kept]}}"
    settings = load(written(f"roots: [{tmp_path}/link]\nkeep: {keep}\n"), {}, {})
    assert (os.fsencode(photos),) == settings.roots
    assert (os.fsencode(photos / "kept"),) == settings.keep.protected
    assert [os.fsencode(photos / "best")] == [rule.folder for rule in settings.keep.rules]


def test_hint_for_a_word() -> None:
    """A word that is nearly a known one is taken for it; otherwise the known ones are listed."""
    assert "did you mean socket?" == did_you_mean("sokcet", ["socket", "roots"])
    assert "known here: roots, socket" == did_you_mean("zzz", ["socket", "roots"])
    assert did_you_mean("zzz", []) is None


def test_cautions(tmp_path: Path) -> None:
    """A root that is not there may be on a disk that is: it is mentioned, and is no error."""
    here, gone = os.fsencode(tmp_path), os.fsencode(tmp_path / "gone")
    assert "no folder is watched" in cautions(Settings())[0]
    assert () == cautions(Settings(roots=(here,)))
    assert (f"{tmp_path}/gone is not there now; it is watched once it appears",) == cautions(
        replace(Settings(), roots=(here, gone))
    )
    assert (gone,) == load(None, {"roots": [gone]}, {}).roots
