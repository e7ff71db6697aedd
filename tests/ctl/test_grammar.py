"""The command line itself: words, help, usage errors, exit codes."""

import subprocess
from pathlib import Path

import pytest

from simd.core import errors
from simd.core.answers import MatchKind
from simd.core.grouping import Grouping
from simd.core.presets import PRESETS
from simd.ctl import words
from simd.ctl.parser import COMMANDS, build_parser
from tests.client.canned import Canned, CannedServer, refused
from tests.ctl.conftest import Run
from tests.render import samples


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(simctl: Run, command: str) -> None:
    """``--help`` ends with exit code 0, on standard output, with an example of this very command."""
    ran = simctl(command, "--help")
    assert (0, "") == (ran.code, ran.err)
    assert f"simctl {command}" in ran.out.partition("example:\n")[2]
    assert "--json" in ran.out


def test_help_lists_every_command(simctl: Run) -> None:
    """The general help names each command and the exit codes."""
    ran = simctl("--help")
    assert 0 == ran.code
    assert [] == [command for command in COMMANDS if f"\n    {command} " not in ran.out]
    assert "3 no daemon to talk to" in ran.out


def test_the_choices_are_those_of_the_core() -> None:
    """What is written out for speed agrees with the modules that define it."""
    assert tuple(PRESETS) == words.PRESETS
    assert tuple(Grouping) == words.GROUPINGS
    assert tuple(MatchKind) == words.KINDS


@pytest.mark.parametrize("line", [["--json", "status"], ["status", "--json"]])
def test_json_stands_before_or_after(simctl: Run, server: CannedServer, line: list[str]) -> None:
    """The option means the same in both places."""
    server.answers["GET", "/v1/status"] = Canned(samples.status())
    assert samples.status() == simctl(*line).json


def test_the_socket_stands_before_or_after(
    simctl: Run, server: CannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A named socket beats the environment in both places, also when it is called like a command."""
    monkeypatch.setenv("SIMD_SOCKET", "/nowhere.sock")
    server.answers["GET", "/v1/status"] = Canned(samples.status())
    assert 3 == simctl("status").code
    assert 0 == simctl("--socket", server.path, "status").code
    assert 0 == simctl("status", "--socket", server.path).code
    assert "/query" in simctl("--socket", "query", "status").err


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["frob"],
        ["status", "x"],
        ["query"],
        ["query", "a", "--top", "x"],
        ["compare", "a"],
        ["--frob", "status"],
        ["sync", "--timeout", "-1"],
        ["sync", "--timeout", "nan"],
        ["sync", "--timeout", "x"],
        ["groups", "--kind", "x"],
        ["query", "--pre", "strict", "a"],
        ["query", "-", "-"],
        ["completion", "fish"],
    ],
)
def test_wrong_usage_is_2(simctl: Run, server: CannedServer, line: list[str]) -> None:
    """A line that makes no sense is refused with a hint, in JSON too, and asks nothing of the daemon."""
    ran = simctl(*line)
    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith("simctl: ")
    assert "\nhint: " in ran.err
    as_json = simctl("--json", *line)
    assert (2, "usage") == (as_json.code, as_json.json["error"]["code"])
    assert [] == server.questions


def test_json_and_null_exclude_each_other(simctl: Run) -> None:
    """One of the two must give way, so neither is guessed."""
    assert 2 == simctl("query", "-0", "--json", "a").code


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (4, "bad-request"),
        (4, "unreadable-image"),
        (4, "not-found"),
        (5, "failed"),
        (5, "timed-out"),
        (5, "unavailable"),
        (5, "catalogue"),
        (5, "teapot"),
    ],
)
def test_exit_codes_of_refusals(simctl: Run, server: CannedServer, expected: int, code: str) -> None:
    """The exit code follows the error's code; message and hint go to standard error."""
    server.answers["GET", "/v1/status"] = refused(400, code, "no such thing", "try another")
    ran = simctl("status")
    assert (expected, "", "simctl: no such thing\nhint: try another\n") == (ran.code, ran.out, ran.err)


def test_no_daemon_is_3(simctl: Run, tmp_path: Path) -> None:
    """Without a daemon the hint says how to start one; in JSON the error is the object."""
    ran = simctl("--socket", str(tmp_path / "none"), "status")
    assert (3, "") == (ran.code, ran.out)
    assert "simd run" in ran.err
    as_json = simctl("--socket", str(tmp_path / "none"), "status", "--json")
    assert (3, "no-daemon") == (as_json.code, as_json.json["error"]["code"])


def test_an_error_cannot_write_to_the_terminal(simctl: Run, server: CannedServer) -> None:
    """A file name in an error message is escaped; in JSON it is data."""
    server.answers["POST", "/v1/query"] = refused(404, "not-found", "no \x1b[2Jfile", "\x07", "/\x1b")
    ran = simctl("query", "x")
    assert "simctl: no \\x1b[2Jfile\nhint: \\x07\n" == ran.err
    assert b"\x1b" not in simctl("query", "x", "--json").raw


def test_every_error_that_a_command_can_meet_has_an_exit_code_of_the_contract() -> None:
    """No error class ends the program with a code that the contract does not name."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SimdError)
    ]
    assert {2, 3, 4, 5} == {kind.exit_code for kind in kinds}


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_the_words(simctl: Run, shell: str) -> None:
    """The script names every command and completes paths; in JSON it is a field."""
    ran = simctl("completion", shell)
    assert 0 == ran.code
    assert [] == [command for command in COMMANDS if command not in ran.out]
    assert ("--transforms" in ran.out) is (shell != "tcsh")  # shtab completes no options of commands there
    assert ran.out.strip() == simctl("completion", shell, "--json").json["script"].strip()


def test_bash_understands_its_completion(simctl: Run) -> None:
    """Bash loads the script and completes a command and an option with it."""
    script = simctl("completion", "bash").out
    asked = 'COMP_WORDS=(simctl que); COMP_CWORD=1; _shtab_simctl; echo "${COMPREPLY[@]}"\n'
    done = subprocess.run(
        ["bash", "--norc"], input=script + asked, capture_output=True, text=True, check=True
    )
    assert "query" == done.stdout.strip()


def test_the_parser_of_one_command_is_that_of_all() -> None:
    """Building the parser of one command alone changes nothing of its help."""
    for command in COMMANDS:
        one, all_of_them = build_parser([command]), build_parser()
        assert _help(one, command) == _help(all_of_them, command)


def _help(parser: object, command: str) -> str:
    import argparse

    assert isinstance(parser, argparse.ArgumentParser)
    actions = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    found: str = actions[0].choices[command].format_help()
    return found
