"""Writing the watched folders into a configuration file, and leaving the rest of it as it is."""

import json
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from simd.config.document import Document, read_document, read_text
from simd.core.errors import ConfigError

HEAD = """\
# The settings of simd. `simd check-config` tells what is wrong with them, and simd.example.yaml
# explains every other key that can stand here.
"""

KEY = "roots"


def new_file(roots: Sequence[str]) -> str:
    """A configuration file that names these folders and nothing else."""
    return f"{HEAD}{KEY}: {_written(roots)}\n"


def with_roots(path: Path, roots: Sequence[str]) -> str:
    """The text of a sound configuration file with other folders in it.

    Args:
        path: the file, free of faults; it is only read.
        roots: absolute paths.

    Raises:
        ConfigError: its form lets the folders not be put in without touching other things.
    """
    text = path.read_bytes().decode("utf-8-sig")
    top = YAML(typ="safe", pure=True).compose(text)
    if isinstance(top, MappingNode):
        changed = _changed(text, top, roots)
    else:
        changed = f"{text.rstrip()}\n{_line(roots)}".lstrip()
    before = read_document(path).values
    return _checked(path, changed, {**before, KEY: list(roots)})


def _changed(text: str, top: MappingNode, roots: Sequence[str]) -> str:
    for key, value in top.value:
        if isinstance(key, ScalarNode) and key.value == KEY:
            start = key.end_mark.index
            # The mark of a value that is not there lies at the next key.
            nothing = isinstance(value, ScalarNode) and value.start_mark.index == value.end_mark.index
            end = text.index(":", start) + 1 if nothing else _end(value)
            return f"{text[:start]}: {_written(roots)}{text[end:]}"
    first = top.start_mark.index
    return f"{text[:first]}{_line(roots)}{text[first:]}"


def _end(node: Node) -> int:
    """Where a value ends: a block collection's own mark lies behind the comments that follow it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _checked(path: Path, text: str, wanted: dict[str, object]) -> str:
    """The text, if it says what it should and no more has changed."""
    document = read_text(text, Document(str(path)))
    if not document.faults and document.values == wanted:
        return text
    raise ConfigError(
        f"the folders cannot be put into {path} without touching other things",
        hint=f"write them yourself under `{KEY}` there, and run this again without folders",
        path=str(path),
    )


def _line(roots: Sequence[str]) -> str:
    return f"{KEY}: {_written(roots)}\n"


def _written(roots: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, roots))}]"


def _quoted(root: str) -> str:
    """A text in double quotes: as JSON has it, but YAML escapes all that cannot be printed."""
    quoted = json.dumps(root, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)
