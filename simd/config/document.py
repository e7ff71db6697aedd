"""The configuration file as plain values, each with the line it stands on.

The file is YAML 1.2, read as its author sees it: ``3:00`` and ``0600`` stay texts, a
second entry of the same key is a fault, and nothing is expanded or constructed.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from simd.config.faults import Fault, Keys, dotted

MAX_BYTES = 1 << 20
"""A configuration file larger than this is something else."""

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_TRUTHS = {"true": True, "false": False}


@dataclass(slots=True)
class Document:
    """What a configuration file says.

    Attributes:
        name: the path of the file, for messages.
        values: the mapping at its top.
        lines: the line of each key and list entry, counted from 1.
        faults: what is wrong with the file as YAML.
    """

    name: str
    values: dict[str, object] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, keys: Keys) -> str:
        """File and line of a key, or of the nearest key around it that is in the file."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return f"{self.name}:{self.lines[keys]}" if keys else self.name


def read_document(path: Path) -> Document:
    """Read a configuration file; what is wrong with it is in its ``faults``."""
    document = Document(os.fspath(path))
    text = _read_text(path, document)
    return document if text is None else read_text(text, document)


def read_text(text: str, document: Document) -> Document:
    """Read the text of a configuration file into a document, which is returned."""
    try:
        top = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        document.faults.append(_syntax_fault(document, error))
        return document
    if isinstance(top, MappingNode):
        document.values = _Reader(document).mapping(top, ())
    elif top is not None and not _is_null(top):
        hint = "write one `key: value` in a line; see simd.example.yaml"
        document.faults.append(
            Fault("", "expected keys with values at the top of the file", hint, document.name)
        )
    return document


class _Reader:
    """Turns the nodes of one file into values."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def value(self, node: Node, keys: Keys) -> object:
        if id(node) in self._seen:
            self._fault(keys, "aliases are not supported here", "write the value out")
            return None
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, keys)
        if isinstance(node, SequenceNode):
            return self._sequence(node, keys)
        return self._scalar(str(node.tag), str(node.value), keys)

    def mapping(self, node: MappingNode, keys: Keys) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            here = (*keys, key)
            line = key_node.start_mark.line + 1
            if key in found:
                first = self._document.lines[here]
                self._fault(here, f"the key is given twice, first in line {first}", "keep one of them", line)
                continue
            self._document.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def _sequence(self, node: SequenceNode, keys: Keys) -> list[object]:
        found = []
        for position, item in enumerate(node.value):
            here = (*keys, position)
            self._document.lines[here] = item.start_mark.line + 1
            found.append(self.value(item, here))
        return found

    def _scalar(self, tag: str, text: str, keys: Keys) -> object:
        kind = tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            return _TRUTHS.get(text.lower(), text)
        if kind == "int":
            return int(text) if _INTEGER.fullmatch(text) else text
        if kind == "float":
            return _number(text)
        if kind not in {"str", "timestamp"}:
            self._fault(keys, f"the tag {tag} is not supported here", "write the value without a tag")
        return text

    def _fault(self, keys: Keys, message: str, hint: str, line: int | None = None) -> None:
        place = self._document.place(keys) if line is None else f"{self._document.name}:{line}"
        self._document.faults.append(Fault(dotted(keys), message, hint, place))


def _read_text(path: Path, document: Document) -> str | None:
    try:
        # A FIFO would block for ever, and a folder cannot be read at all.
        if not path.is_file():
            problem = "is not a file" if path.exists() else "does not exist"
            document.faults.append(Fault("", f"the configuration file {problem}", None, document.name))
            return None
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        document.faults.append(
            Fault("", f"the configuration file cannot be read: {error.strerror}", None, document.name)
        )
        return None
    if len(content) > MAX_BYTES:
        document.faults.append(Fault("", f"the file has more than {MAX_BYTES} bytes", None, document.name))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.faults.append(
            Fault("", "the text is not UTF-8", "save the file as UTF-8", f"{document.name}:{line}")
        )
        return None


def _syntax_fault(document: Document, error: YAMLError) -> Fault:
    if not isinstance(error, MarkedYAMLError):
        return Fault("", str(error).splitlines()[0], None, document.name)
    mark = error.problem_mark or error.context_mark
    place = f"{document.name}:{mark.line + 1}" if mark else document.name
    message = ", ".join(part for part in (error.context, error.problem) if part) or "it is not YAML"
    hint = None
    if "'\\t'" in message:
        message, hint = "a tab stands where spaces must be", "indent with spaces"
    return Fault("", message, hint, place)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == f"{_TAG}null"


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
