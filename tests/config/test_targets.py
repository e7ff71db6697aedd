"""Who is told of reports: which targets are taken, and that no secret of theirs is ever shown."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simd.config import Settings, cautions, load
from simd.core.errors import ConfigError
from tests.config.conftest import Written

Faults = Callable[[str | bytes], list[str]]

WORD = "hunter2"
FORM = (
    "expected the URL of a service without blanks, such as ntfy://ntfy.sh/TOPIC "
    "or mailto://USER:PASSWORD@example.org"
)


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of targets with a mode."""

    def keep(content: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "targets"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    return keep


def refused(written: Written, targets: Path) -> list[str]:
    """What is said against a file of targets, without its path."""
    with pytest.raises(ConfigError) as caught:
        load(written(f"notify: {{targets_file: {targets}}}\n"), {}, {})
    return [line.strip().removeprefix(str(targets)) for line in caught.value.message.splitlines()[1:]]


def test_targets_of_the_file_follow_those_of_the_settings(
    written: Written, kept: Callable[..., Path]
) -> None:
    """A file holds one target a line; blank lines and comments are passed over, and ``#`` inside is kept."""
    path = kept("\ufeff# mine\n\n  ntfy://ntfy.sh/a#b  \n# json://no\nmailto://u:p@example.org\n")
    settings = load(written(f"notify: {{targets: ['dbus://'], targets_file: {path}}}\n"), {}, {})
    assert ("dbus://", "ntfy://ntfy.sh/a#b", "mailto://u:p@example.org") == settings.notify.targets


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_open_is_refused(
    written: Written, kept: Callable[..., Path], mode: int
) -> None:
    """Any right of anybody else is one too many; the hint is the command that puts it right."""
    path = kept("dbus://\n", mode)
    said = f": notify.targets_file: others can open the file: its mode is {mode:04o} (chmod 600 {path})"
    assert [said] == refused(written, path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(written: Written, kept: Callable[..., Path]) -> None:
    """Whoever owns the file decides where messages go."""
    path = kept("dbus://\n")
    os.chown(path, 12_345, -1)
    assert "the file belongs to another user" in refused(written, path)[0]


def test_what_is_no_file_of_targets(written: Written, kept: Callable[..., Path], tmp_path: Path) -> None:
    """A file that is missing, no file, no text or much too long is refused; a FIFO blocks nothing."""
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "folder").mkdir()
    key = ": notify.targets_file:"
    assert [f"{key} the file cannot be read: No such file or directory"] == refused(written, tmp_path / "x")
    assert [f"{key} it is not a file"] == refused(written, tmp_path / "fifo")
    assert [f"{key} the file cannot be read: Is a directory"] == refused(written, tmp_path / "folder")
    assert [f"{key} the text is not UTF-8 (save the file as UTF-8)"] == refused(written, kept(b"\xff\n"))
    assert [f"{key} the file has more than 65536 bytes"] == refused(written, kept("#" * 65_537))


def test_bad_lines_are_named_without_their_secrets(written: Written, kept: Callable[..., Path]) -> None:
    """Every line that is no target is told by its number."""
    path = kept(f"mailto:me:{WORD}@example.org\ndbus://\njson://me:{WORD}@example.org/a b\n")
    assert [
        f":1: notify.targets_file: {FORM}, not '***'",
        f":3: notify.targets_file: {FORM}, not 'json://example.org'",
    ] == refused(written, path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            f"notify:\n  targets: [dbus://, me:{WORD}@example.org]\n",
            f":2: notify.targets[1]: {FORM}, not '***'",
        ),
        (
            f"notify:\n  targets:\n  - 'mailto://me:{WORD}@example.org x'\n",
            f":3: notify.targets[0]: {FORM}, not 'mailto://***'",
        ),
        (
            f"notify:\n  targets: tgram://{WORD}/1\n",
            ":2: notify.targets: expected a list, not 'tgram://***'",
        ),
        (f"notify:\n  targets: {WORD}\n", ":2: notify.targets: expected a list, not '***'"),
        (f"notify: tgram://{WORD}/1\n", ":1: notify: expected keys with values, not 'tgram://***'"),
        (f"roots: ['tgram://{WORD}/1']\n", "not 'tgram://***'"),
        (f"log: {{level: tgram://{WORD}/1}}\n", "not 'tgram://***'"),
        (f"notify:\n  targets: [3, {{'tgram://{WORD}': 1}}]\n", "notify.targets[1]"),
        (f"notify:\n  tgram://{WORD}/1: x\n", ":2: notify.tgram://***: there is no such key"),
        (f"tgram://{WORD}/1: {{}}\n", ":1: tgram://***: there is no such key"),
        (f"notify:\n  target: [tgram://{WORD}/1]\n", ":2: notify.target: there is no such key"),
    ],
)
def test_no_fault_shows_a_secret(faults: Faults, content: str, expected: str) -> None:
    """Whatever is wrong with a target, or wherever one was written by mistake, its secret is not repeated."""
    said = "\n".join(faults(content))
    assert expected in said
    assert WORD not in said


def test_the_settings_do_not_show_their_targets(written: Written) -> None:
    """Settings may end up in a log or a traceback; their targets do not."""
    settings = load(written(f"notify: {{targets: ['tgram://{WORD}/1']}}\n"), {}, {})
    assert (f"tgram://{WORD}/1",) == settings.notify.targets
    assert WORD not in repr(settings)


def test_targets_in_a_file_that_others_can_open_are_worth_a_word(written: Written, tmp_path: Path) -> None:
    """The configuration may be open to others, but not with secrets in it; that is said, not refused."""
    settings = Settings(roots=(os.fsencode(tmp_path),))
    path = written("notify: {targets: ['dbus://']}\n")
    path.chmod(0o644)
    assert f"others can open {path}, which holds notify.targets" in cautions(settings, path)[0]
    path.chmod(0o600)
    assert () == cautions(settings, path)
    path = written("notify: {targets: []}\n")
    path.chmod(0o644)
    assert () == cautions(settings, path)
