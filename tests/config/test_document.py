"""What is read from the file, and what is said when it cannot be."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simd.config import load
from simd.config.document import MAX_BYTES, Document, read_document
from simd.core.errors import ConfigError
from tests.config.conftest import Written

Faults = Callable[[str | bytes], list[str]]


def test_values_are_what_the_author_sees(written: Written) -> None:
    """Times and modes stay text in every version of YAML; numbers and truths are what they look like."""
    expected = {
        "t": "3:00",
        "m": "0600",
        "n": "no",
        "h": "0x10",
        "d": "2026-01-01",
        "i": 3,
        "f": 2.5,
        "b": True,
        "z": None,
    }
    lines = "t: 3:00\nm: 0600\nn: no\nh: 0x10\nd: 2026-01-01\ni: 3\nf: 2.5\nb: true\nz: ~\n"
    assert expected == read_document(written(lines)).values
    assert expected == read_document(written(f"%YAML 1.1\n---\n{lines}")).values


@given(
    st.recursive(
        st.booleans() | st.integers(-(10**12), 10**12) | st.text() | st.none(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(min_size=1), below, max_size=3),
        max_leaves=10,
    )
)
def test_values_are_what_the_library_reads(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    """Ordinary values are read from a file as the YAML library itself reads them, or refused as it does."""
    path = tmp_path_factory.getbasetemp() / "round-trip.yaml"
    yaml = YAML(typ="safe", pure=True)
    yaml.width = 1_000_000  # it folds long keys into what it cannot read again
    with path.open("wb") as file:
        yaml.dump({"value": value}, file)
    document = read_document(path)
    try:
        expected = yaml.load(path)
    except YAMLError:  # it writes {":0": null} without the quotes
        assert document.faults
    else:
        assert ([], expected) == (document.faults, document.values)


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "null\n", "\ufeff"])
def test_empty_file_sets_nothing(written: Written, content: str) -> None:
    """A file without keys is the defaults."""
    assert load(None, {}, {}) == load(written(content), {}, {})


def test_section_without_keys_sets_nothing(written: Written) -> None:
    """A section whose keys are all commented out keeps its defaults, and so does a key without a value."""
    assert load(None, {}, {}) == load(written("watch:\n  # skip: []\nlog:\n  level:\n"), {}, {})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("watch:\n\tskip: []\n", [":2: a tab stands where spaces must be (indent with spaces)"]),
        (
            "log: {level: info\n",
            [":2: while parsing a flow mapping, expected ',' or '}', but got '<stream end>'"],
        ),
        ("a: b: c\n", [":1: mapping values are not allowed here"]),
        (
            "- a\n",
            [
                (
                    ": expected keys with values at the top of the file "
                    "(write one `key: value` in a line; see simd.example.yaml)"
                )
            ],
        ),
        (b"log:\n  level: caf\xe9\n", [":2: the text is not UTF-8 (save the file as UTF-8)"]),
        ("log: \0\n", [": unacceptable character #x0000: special characters are not allowed"]),
        ("--- {}\n--- {}\n", [":2: expected a single document in the stream, but found another document"]),
    ],
)
def test_broken_files(faults: Faults, content: str | bytes, expected: list[str]) -> None:
    """A file that is no YAML is refused with the line at fault."""
    assert expected == faults(content)


def test_keys_given_twice(faults: Faults) -> None:
    """Every second entry of a key is a fault, at any depth, with both lines."""
    said = faults("roots: []\nlog:\n  level: info\n  level: debug\nroots: []\nlog: {}\n")
    assert [
        ":4: log.level: the key is given twice, first in line 3 (keep one of them)",
        ":5: roots: the key is given twice, first in line 1 (keep one of them)",
        ":6: log: the key is given twice, first in line 2 (keep one of them)",
    ] == said


@pytest.mark.parametrize("content", ["roots: &all [/a]\nwatch: {skip: *all}\n", "watch: &me\n  skip: *me\n"])
def test_aliases(faults: Faults, content: str) -> None:
    """An alias is refused, so that no file can unfold into something huge or endless."""
    assert [":2: watch.skip: aliases are not supported here (write the value out)"] == faults(content)


def test_tags(faults: Faults) -> None:
    """Nothing is constructed from a tag."""
    said = faults("log:\n  level: !!python/object/apply:os.system [ls]\n  format: !!binary aGk=\n")
    assert "log.format: the tag tag:yaml.org,2002:binary is not supported here" in said[0]
    assert said[1].startswith(":2: log.level: expected debug, info, warning or error, not a list")


def test_missing_file(tmp_path: Path) -> None:
    """A file that was named must be there, and must be a file."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: the configuration file does not exist"):
        load(tmp_path / "nowhere.yaml", {}, {})
    with pytest.raises(ConfigError, match="the configuration file is not a file"):
        load(tmp_path, {}, {})
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(ConfigError, match="the configuration file is not a file"):
        load(fifo, {}, {})


def test_unreadable_file(written: Written) -> None:
    """A file whose reading fails is refused with the reason that the system gives."""
    path = Path("/proc/self/mem")
    if os.getuid() != 0 or not path.exists():
        path = written("log: {}\n")
        path.chmod(0)
    with pytest.raises(
        ConfigError, match=r"the configuration file cannot be read: (Input/output|Permission)"
    ):
        load(path, {}, {})


def test_huge_file(written: Written) -> None:
    """A file that cannot be a configuration is not parsed."""
    with pytest.raises(ConfigError, match="the file has more than 1048576 bytes"):
        load(written("# " + "x" * MAX_BYTES), {}, {})


def test_lines_of_keys(written: Written) -> None:
    """Each key and each entry of a list knows its line; what was not written has that of its section."""
    path = written("roots:\n  - /a\n  - /b\nwatch:\n  skip: []\n")
    document = read_document(path)
    keys: list[tuple[str | int, ...]] = [("roots", 1), ("watch", "skip"), ("watch", "sweep_every"), ("log",)]
    assert [f"{path}:3", f"{path}:5", f"{path}:4", str(path)] == [document.place(key) for key in keys]
    assert "defaults" == Document("defaults").place(("log", "level"))
