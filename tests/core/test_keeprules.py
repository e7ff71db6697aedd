"""How keep rules are written, and what makes a list of them whole."""

import fnmatch
import pickle
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simd.core.keeprules import (
    USUAL,
    USUAL_ORDER,
    Criterion,
    KeepOrder,
    KeepRule,
    completed,
    contradiction,
    parse_rule,
    parse_rules,
)

EVERY = (
    "prefer:/mnt/photos,protected,resolution,lossless,bytes,metadata,taken:newest,modified:oldest,path,name"
)


def test_every_rule_is_written_as_it_is_read() -> None:
    """There and back again, for each thing that a rule can look at."""
    rules = parse_rules(EVERY)
    assert set(Criterion) == {rule.criterion for rule in rules}
    assert EVERY == ",".join(map(str, rules))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("taken", KeepRule(Criterion.TAKEN)),
        ("modified", KeepRule(Criterion.MODIFIED)),
        (" path ", KeepRule(Criterion.PATH)),
        ("prefer:/a//b/../c/", KeepRule(Criterion.PREFER, b"/a/c")),
        ("prefer:/caf\udce9", KeepRule(Criterion.PREFER, b"/caf\xe9")),
        ("prefer://a", KeepRule(Criterion.PREFER, b"/a")),
    ],
)
def test_rules_may_be_written_in_short(text: str, rule: KeepRule) -> None:
    """The oldest is kept unless it is said otherwise; folders are put in order."""
    assert rule == parse_rule(text)


def test_a_folder_may_hold_a_comma() -> None:
    """Behind a backslash it parts no rules."""
    rules = parse_rules(r"prefer:/a\,b,name")
    assert (KeepRule(Criterion.PREFER, b"/a,b"), KeepRule(Criterion.NAME)) == rules


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no keep rule ''"),
        ("resolution,", "no keep rule ''"),
        ("pixels", "no keep rule 'pixels': the rules are prefer:FOLDER, protected, resolution"),
        ("Path", "no keep rule 'Path'"),
        ("bytes:", "no keep rule 'bytes:'"),
        ("taken:first", "no keep rule 'taken:first'"),
        ("taken:", "no keep rule 'taken:'"),
        ("prefer", "absolute path"),
        ("prefer:photos", "absolute path, such as prefer:/mnt/photos, not 'photos'"),
        ("prefer:/a\0b", "absolute path"),
        ("path,name,path", "path can decide nothing after path"),
        ("taken:oldest,bytes,taken:newest", "taken:newest can decide nothing after taken:oldest"),
        ("prefer:/a,prefer:/a/", "prefer:/a can decide nothing after prefer:/a"),
    ],
)
def test_what_is_no_list_of_rules_is_refused(text: str, words: str) -> None:
    """With the rules that there are, or the one that is given in vain."""
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_rules(text)


def test_several_folders_may_be_preferred() -> None:
    """One before the other."""
    assert contradiction(parse_rules("prefer:/a,name,prefer:/b")) is None


def test_the_usual_rules_follow_those_that_are_asked_for() -> None:
    """Each thing is looked at once, so the usual order stays what it is."""
    rules = completed(parse_rules("name,modified:newest"))
    assert "name,modified:newest,resolution,lossless,bytes,protected,path" == ",".join(map(str, rules))
    assert USUAL == completed(USUAL) == completed(())


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234 (1).jpg",
        "IMG_1234(12).JPG",
        "IMG_1234 (1)",
        "IMG copy.jpg",
        "IMG copy 2.jpg",
        "IMG - Copy.jpg",
        "IMG - Kopie (2).jpg",
        "IMG (Kopie).jpg",
        "Copy of IMG.jpg",
        "IMG-edited.jpg",
        "IMG_EDITED.jpg",
        "IMG-bearbeitet.jpg",
        "caf\udce9 (1).jpg",
    ],
)
def test_names_of_copies(name: str) -> None:
    """What programs make of names when they copy or edit."""
    assert USUAL_ORDER.names_copy(b"/photos/" + name.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    "name",
    ["IMG_1234.jpg", "Summer (2019).jpg", "photocopy.jpg", "copy.jpg", "unedited.jpg", "copy.d/IMG.jpg"],
)
def test_names_that_only_look_like_those_of_copies(name: str) -> None:
    """A word that ends so, a year, the name of a folder."""
    assert not USUAL_ORDER.names_copy(b"/photos/" + name.encode())


def test_a_person_may_choose_the_names_of_copies() -> None:
    """In place of the usual ones; letters with accents are equal however they are written; none is none."""
    ours = KeepOrder(copy_names=("*-e\u0301dite\u0301",))
    assert ours.names_copy("/IMG-édité.jpg".encode())
    assert not ours.names_copy(b"/IMG (1).jpg")
    assert not KeepOrder(copy_names=()).names_copy(b"/IMG (1).jpg")


@example(globs=("*]b[",), name="*bbb")
@example(globs=("*]b[",), name="a]b[")
@example(globs=("*[]a",), name="b[]a")
@example(globs=("*[!]a",), name="b[!]a")
@given(
    globs=st.lists(st.text("ab*?[!]-", max_size=6), max_size=3).map(tuple),
    name=st.text("ab-[]*!", min_size=1),
)
def test_globs_are_those_of_a_shell(globs: tuple[str, ...], name: str) -> None:
    """Although most are looked for from the end of a name."""
    expected = any(fnmatch.fnmatchcase(name, glob) for glob in globs)
    assert expected is KeepOrder(copy_names=globs).names_copy(b"/" + name.encode())


def test_an_order_crosses_to_another_process() -> None:
    """Reports rank files in a process of their own."""
    order = KeepOrder(completed(parse_rules(EVERY)))
    assert order.names_copy(b"/a (1).jpg")
    assert order == pickle.loads(pickle.dumps(order))  # noqa: S301 - made here
