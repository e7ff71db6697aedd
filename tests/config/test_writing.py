"""The watched folders are put into a configuration file, and nothing else of it changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.config.document import Document, read_document, read_text
from simd.config.writing import new_file, with_roots
from simd.core.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "simd.example.yaml"

NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("roots: []   # mine\n", 'roots: ["/a", "/b"]   # mine\n'),
        (
            "roots: [/x,\n  /y] # two\nlog: {level: debug}\n",
            'roots: ["/a", "/b"] # two\nlog: {level: debug}\n',
        ),
        (
            "log:\n  level: debug\nroots:  # these\n  - /x\n  - /y  # the second\n\n# end\nsocket: /s\n",
            'log:\n  level: debug\nroots: ["/a", "/b"]  # the second\n\n# end\nsocket: /s\n',
        ),
        ("roots:\nsocket: /s\n", 'roots: ["/a", "/b"]\nsocket: /s\n'),
        ("# mine\n---\nsocket: /s\n", '# mine\n---\nroots: ["/a", "/b"]\nsocket: /s\n'),
        ("# mine", '# mine\nroots: ["/a", "/b"]\n'),
        ("", 'roots: ["/a", "/b"]\n'),
        ('"roots": [/x]\n', '"roots": ["/a", "/b"]\n'),
    ],
)
def test_only_the_folders_change(tmp_path: Path, before: str, after: str) -> None:
    """Comments, order, quotes and all other keys stay, wherever the folders stand."""
    file = tmp_path / "simd.yaml"
    file.write_text(before)
    assert after == with_roots(file, ["/a", "/b"])
    assert before == file.read_text()


def test_the_example_keeps_its_comments() -> None:
    """In the file of all keys one line is another."""
    before, after = EXAMPLE.read_text().splitlines(), with_roots(EXAMPLE, ["/a"]).splitlines()
    assert [("roots: [] ", 'roots: ["/a"] ')] == [
        (old[:10], new[:14]) for old, new in zip(before, after, strict=True) if old != new
    ]


def test_what_cannot_be_done_safely_is_refused(tmp_path: Path) -> None:
    """A file whose form leaves no place for the folders is left to its author."""
    file = tmp_path / "simd.yaml"
    file.write_text("{socket: /s}\n")
    with pytest.raises(ConfigError, match="cannot be put into") as caught:
        with_roots(file, ["/a"])
    assert "`roots`" in str(caught.value.hint)


@given(NAMES)
def test_every_folder_is_read_as_it_was_written(names: list[str]) -> None:
    """Quotes, backslashes, line ends and signs of all languages come back as they went in."""
    roots = [f"/{name}" for name in names]
    document = read_text(new_file(roots), Document("new"))
    assert ([], {"roots": roots}) == (document.faults, document.values)


def test_a_new_file_is_a_sound_one(tmp_path: Path) -> None:
    """It holds the folders alone, and says where the other keys are explained."""
    file = tmp_path / "simd.yaml"
    file.write_text(new_file(["/home/anna/Fotos & Bilder"]))
    assert {"roots": ["/home/anna/Fotos & Bilder"]} == read_document(file).values
    assert "simd.example.yaml" in file.read_text()
