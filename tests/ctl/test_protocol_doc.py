"""docs/protocol.md lists the commands, the error codes and the shapes that there are."""

import argparse
import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from simd.core import answers, errors
from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.judgement import Judgement
from simd.core.model import FileState, ProblemCode, RootState
from simd.core.transforms import Transform
from simd.ctl.cull import ACTIONS as CULL_ACTIONS
from simd.ctl.parser import COMMANDS, build_parser
from simd.ctl.report import ACTIONS as REPORT_ACTIONS
from simd.ctl.service import ACTIONS as SERVICE_ACTIONS

Words = Callable[[argparse.ArgumentParser], None]

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_every_field_of_every_shape() -> None:
    """The block of shapes holds each dataclass of the answers with its fields in order, and no other."""
    block = TEXT.partition("## Shapes")[2].split("```")[1]
    listed: dict[str, list[str]] = {}
    for line in block.splitlines():
        name, fields = line[:20].strip(), re.findall(r"[a-z_0-9]+", line[20:])
        if name:
            listed[name] = []
        if fields:
            listed[next(reversed(listed))] += fields
    assert {
        name: [part.name for part in dataclasses.fields(kind)]
        for name, kind in vars(answers).items()
        if dataclasses.is_dataclass(kind)
    } == listed


def test_every_error_code() -> None:
    """The table of codes holds each error with its exit code, and its status where it crosses the wire."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d*) ?\| [^|]+ \| (\d) \|$", TEXT, re.MULTILINE)
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in found if issubclass(kind, errors.SimdError)]
    assert {(kind.code, str(kind.exit_code)) for kind in kinds} == {
        (code, exit_code) for code, _, exit_code in rows
    }
    statuses = {kind.code: str(kind.status) for kind in kinds}
    assert [] == [code for code, status, _ in rows if status not in {"", statuses[code]}]


def test_every_command_and_option() -> None:
    """The table of commands names each command, and each option of its own."""
    table = TEXT.partition("## simctl")[2].partition("- **The socket**")[0]
    rows: dict[str, str] = defaultdict(str)
    for line in table.splitlines():
        for name in re.findall(r"`([a-z-]+)", line.partition(" | ")[0]):
            rows[name] += line
    assert set(COMMANDS) == set(rows) & set(COMMANDS)
    missing = {
        (name, action.option_strings[0])
        for name in COMMANDS
        for action in _options(name)
        if action.option_strings[0] not in rows[name]
    }
    assert set() == missing


@pytest.mark.parametrize(("command", "actions"), [("report", REPORT_ACTIONS), ("cull", CULL_ACTIONS)])
def test_every_action_of_a_command(command: str, actions: Mapping[str, tuple[str, str, Words, Any]]) -> None:
    """Each has a row of its own, with its arguments and options."""
    for name, (_, _, words, _) in actions.items():
        parser = argparse.ArgumentParser()
        words(parser)
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{command} {name}"))
        for action in parser._actions[1:]:
            assert str(action.option_strings[0] if action.option_strings else action.metavar) in row


def test_every_action_of_the_service() -> None:
    """Each action of the command service has a row, with its arguments and options."""
    rows = [line for line in TEXT.splitlines() if line.startswith("| `service ")]
    for name, (_, _, words, _) in SERVICE_ACTIONS.items():
        parser = argparse.ArgumentParser()
        words(parser)
        row = next(line for line in rows if f"`service {name}" in line)
        for action in parser._actions[1:]:
            assert str(action.option_strings[0] if action.option_strings else action.metavar) in row


def _options(command: str) -> list[argparse.Action]:
    parser = build_parser([command])
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    everywhere = {"-h", "--json", "--socket"}
    actions = commands.choices[command]._actions
    return [
        action for action in actions if action.option_strings and action.option_strings[0] not in everywhere
    ]


def test_every_word_of_the_enumerations() -> None:
    """Each state, code and transform is written out."""
    enumerations = (
        answers.DaemonState, answers.LoadingPhase, answers.MatchKind, answers.Verdict, answers.ReportTrigger,
        answers.Category, answers.Change, RootState, FileState, ProblemCode, Transform,
        Judgement, Action, CompanionRole, PlanState, StepState,
    )  # fmt: skip
    assert [] == [word for kind in enumerations for word in kind if f"`{word}`" not in TEXT]
