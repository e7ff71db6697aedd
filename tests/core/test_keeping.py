"""Which duplicate is kept: the rules one by one, and the order as a whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.keeping import Candidate, copy_key, decide, is_lossless, keep_key, lacks, taken_number
from simd.core.keeprules import USUAL_ORDER, KeepOrder, completed, parse_rules
from simd.core.protection import Protection
from tests.examples import brief

PLAIN = Candidate(image_id=5, pixels=1_000, lossless=False, size=500, mtime_ns=70, path=b"/photos/b.jpg")

# Each is better than PLAIN by one rule and worse by every later one.
BETTER = [
    (replace(PLAIN, pixels=1_001, size=1, mtime_ns=99, path=b"/photos/long/z.jpg"), "more pixels"),
    (replace(PLAIN, lossless=True, size=1, mtime_ns=99, path=b"/photos/long/z.png"), "lossless"),
    (replace(PLAIN, size=501, mtime_ns=99, path=b"/photos/long/z.jpg"), "more bytes"),
    (replace(PLAIN, mtime_ns=69, path=b"/photos/long/z.jpg"), "older"),
    (replace(PLAIN, path=b"/photos/z.gf"), "shorter path"),
    (replace(PLAIN, path=b"/photos/a.jpg", image_id=9), "path sorts first"),
]

candidates = st.builds(
    Candidate,
    image_id=st.integers(1, 3),
    pixels=st.integers(1, 3),
    lossless=st.booleans(),
    size=st.integers(1, 3),
    mtime_ns=st.integers(1, 3),
    path=st.sampled_from([b"/a", b"/b", b"/aa"]),
)


@pytest.mark.parametrize(("better", "reason"), BETTER, ids=[reason for _, reason in BETTER])
def test_an_earlier_rule_outweighs_all_later_ones(better: Candidate, reason: str) -> None:
    """A candidate that wins by one rule is kept although every later rule speaks against it."""
    assert better == min(PLAIN, better, key=keep_key)
    assert reason == decide(better, PLAIN).reason


def test_only_ids_apart_is_alike() -> None:
    """Two candidates that differ by their ids alone have no reason to tell."""
    assert "alike" == decide(PLAIN, replace(PLAIN, image_id=6)).reason


def test_a_worse_keeper_is_refused() -> None:
    """Asking why the worse of two is kept is a mistake of the caller."""
    with pytest.raises(ValueError, match="image 6 ranks before image 5"):
        decide(PLAIN, replace(PLAIN, image_id=6, pixels=2_000))


any_order = st.builds(
    lambda rules: KeepOrder(completed(parse_rules(",".join(rules)))),
    st.lists(
        st.sampled_from(["resolution", "lossless", "modified:newest", "path", "prefer:/b", "bytes"]),
        min_size=1,
        unique=True,
    ),
)


@brief(40)
@given(several=st.lists(candidates, min_size=2, unique=True), order=any_order)
def test_who_wins_lacks_nothing_by_the_rule_that_decided(several: list[Candidate], order: KeepOrder) -> None:
    """By any order, and the first thing that a loser lacks is what the deciding rule asks for."""
    best, *others = sorted(several, key=lambda it: keep_key(it, order))
    for other in others:
        named = {str(rule): place for place, rule in enumerate(order.rules)}
        decided = named.get(decide(best, other, order).rule, len(named))
        assert (decided < len(named)) is bool(lacks(best, other, order))
        assert keep_key(best, order)[:decided] == keep_key(other, order)[:decided]


@given(st.lists(candidates, min_size=2, unique=True))
def test_the_order_is_total_and_can_be_explained(several: list[Candidate]) -> None:
    """Different candidates have different keys, and the best has a reason against every other."""
    ranked = sorted(several, key=keep_key)
    assert len(several) == len({keep_key(candidate) for candidate in several})
    reasons = {decide(ranked[0], other).reason for other in ranked[1:]}
    assert reasons <= {reason for _, reason in BETTER} | {"alike"}


def test_formats_that_keep_what_they_were_given() -> None:
    """The formats of the allow-list fall into lossless and lossy as documented."""
    formats = ["PNG", "BMP", "TIFF", "GIF", "JPEG", "MPO", "WEBP", "AVIF", "HEIF"]
    assert [True] * 4 + [False] * 5 == [is_lossless(name) for name in formats]


def test_copies_rank_by_age_then_path() -> None:
    """Files of equal bytes: the oldest, then the shortest path, then the path that sorts first."""
    ranked = [(1, b"/very/long"), (2, b"/z"), (2, b"/aa"), (2, b"/ab")]
    shuffled = [ranked[place] for place in (2, 0, 3, 1)]
    assert ranked == sorted(shuffled, key=lambda copy: copy_key(*copy))


RICH = replace(
    PLAIN,
    image_id=6,
    path=b"/masters/IMG (1).jpg",
    mtime_ns=60,
    taken_at="2019-05-04T03:02:01+02:00",
    positioned=True,
    rated=True,
)
POOR = replace(PLAIN, path=b"/inbox/IMG.jpg", size=600)


def order(rules: str, *protected: bytes) -> KeepOrder:
    """An order that begins with these rules."""
    return KeepOrder(completed(parse_rules(rules)), protection=Protection(frozenset(protected)))


# Each rule keeps the first of the two; the reason, and what it says of the other.
DECIDED = [
    ("prefer:/masters", RICH, POOR, "in a preferred folder", "not in /masters"),
    ("prefer:/inbox", POOR, RICH, "in a preferred folder", "not in /inbox"),
    ("prefer:/masters/IMG", POOR, RICH, "more bytes", "fewer bytes"),
    ("resolution", POOR, RICH, "more bytes", "fewer bytes"),
    ("metadata", RICH, POOR, "more metadata", "no date taken, no position, no rating"),
    ("taken", RICH, POOR, "has a date taken", "no date taken"),
    ("taken:newest", RICH, POOR, "has a date taken", "no date taken"),
    ("taken", RICH, replace(POOR, taken_at="2019-05-04T03:02:02"), "taken earlier", "taken later"),
    ("taken:newest", replace(POOR, taken_at="2020-01-01T00:00:00"), RICH, "taken later", "taken earlier"),
    ("modified", RICH, POOR, "older", "newer"),
    ("modified:newest", POOR, RICH, "newer", "older"),
    ("path", POOR, RICH, "shorter path", "longer path"),
    ("name", POOR, RICH, "not named like a copy", "named like a copy"),
    ("protected", RICH, POOR, "protected", "not protected"),
]


@pytest.mark.parametrize(
    ("rules", "kept", "lost", "reason", "lack"),
    DECIDED,
    ids=[f"{rules}-{lack}" for rules, *_, lack in DECIDED],
)
def test_the_rules_that_are_asked_for_go_before_the_usual_ones(
    rules: str, kept: Candidate, lost: Candidate, reason: str, lack: str
) -> None:
    """The first rule that tells two apart decides, says so, and says what the other one lacks by it."""
    chosen = order(rules, b"/masters")
    assert kept == min(kept, lost, key=lambda it: keep_key(it, chosen))
    assert reason == decide(kept, lost, chosen).reason
    assert ", ".join(lacks(kept, lost, chosen)).startswith(lack)


def test_the_deciding_rule_is_named_as_people_write_it() -> None:
    """So that a person finds it in the settings, and can put another one before it."""
    chosen = order("prefer:/masters,modified:newest")
    assert "prefer:/masters" == decide(RICH, POOR, chosen).rule
    assert "modified:newest" == decide(replace(RICH, path=b"/masters/x", mtime_ns=61), RICH, chosen).rule
    assert "path-sorts-first" == decide(replace(PLAIN, path=b"/photos/a.jpg"), PLAIN).rule


def test_what_a_loser_lacks_is_told_of_every_rule() -> None:
    """Also where an earlier rule has decided; what it has more of is not held against it."""
    other = replace(POOR, path=b"/inbox/later on/IMG.jpg", mtime_ns=99)
    expected = ("not in /masters", "no date taken", "no position", "no rating", "newer", "longer path")
    chosen = order("prefer:/masters,metadata,bytes,modified,name,path")
    assert expected[:-1] == lacks(RICH, replace(other, path=b"/inbox/IMG.jpg"), chosen)
    assert expected == lacks(RICH, replace(other, size=500), chosen)


def test_a_protected_copy_stands_for_its_image_before_an_older_one() -> None:
    """It stays anyway, so that the other one can go; better pictures are still preferred."""
    chosen = order("resolution", b"/photos/b.jpg")
    older = replace(PLAIN, image_id=9, path=b"/photos/a.jpg", mtime_ns=1)
    assert copy_key(70, b"/photos/b.jpg", chosen) < copy_key(1, b"/photos/a.jpg", chosen)
    assert "protected" == decide(PLAIN, older, chosen).reason
    assert "older" == decide(older, PLAIN, USUAL_ORDER).reason
    assert "more pixels" == decide(replace(older, pixels=2_000), PLAIN, chosen).reason


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, 0),
        ("", 0),
        ("yesterday", 0),
        ("2019-05-04T03:02:01", 20190504030201),
        ("2019-05-04T03:02:01+02:00", 20190504030201),
    ],
)
def test_dates_taken_sort_by_the_cameras_clock(text: str | None, number: int) -> None:
    """With an offset or without; what is no date counts as none."""
    assert number == taken_number(text)
