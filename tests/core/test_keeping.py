"""Which duplicate is kept: the rules one by one, and the order as a whole."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.keeping import Candidate, copy_key, explain, is_lossless, keep_key

PLAIN = Candidate(
    image_id=5, pixels=1_000, lossless=False, size=500, oldest_mtime_ns=70, path=b"/photos/b.jpg"
)

# Each is better than PLAIN by one rule and worse by every later one.
BETTER = [
    (replace(PLAIN, pixels=1_001, size=1, oldest_mtime_ns=99, path=b"/photos/long/z.jpg"), "more pixels"),
    (replace(PLAIN, lossless=True, size=1, oldest_mtime_ns=99, path=b"/photos/long/z.png"), "lossless"),
    (replace(PLAIN, size=501, oldest_mtime_ns=99, path=b"/photos/long/z.jpg"), "more bytes"),
    (replace(PLAIN, oldest_mtime_ns=69, path=b"/photos/long/z.jpg"), "older"),
    (replace(PLAIN, path=b"/photos/z.gf"), "shorter path"),
    (replace(PLAIN, path=b"/photos/a.jpg", image_id=9), "path sorts first"),
]

candidates = st.builds(
    Candidate,
    image_id=st.integers(1, 3),
    pixels=st.integers(1, 3),
    lossless=st.booleans(),
    size=st.integers(1, 3),
    oldest_mtime_ns=st.integers(1, 3),
    path=st.sampled_from([b"/a", b"/b", b"/aa"]),
)


@pytest.mark.parametrize(("better", "reason"), BETTER, ids=[reason for _, reason in BETTER])
def test_an_earlier_rule_outweighs_all_later_ones(better: Candidate, reason: str) -> None:
    """A candidate that wins by one rule is kept although every later rule speaks against it."""
    assert better == min(PLAIN, better, key=keep_key)
    assert reason == explain(better, PLAIN)


def test_only_ids_apart_is_alike() -> None:
    """Two candidates that differ by their ids alone have no reason to tell."""
    assert "alike" == explain(PLAIN, replace(PLAIN, image_id=6))


def test_a_worse_keeper_is_refused() -> None:
    """Asking why the worse of two is kept is a mistake of the caller."""
    with pytest.raises(ValueError, match="image 6 ranks before image 5"):
        explain(PLAIN, replace(PLAIN, image_id=6, pixels=2_000))


@settings(deadline=None)
@given(st.lists(candidates, min_size=2, unique=True))
def test_the_order_is_total_and_can_be_explained(several: list[Candidate]) -> None:
    """Different candidates have different keys, and the best has a reason against every other."""
    ranked = sorted(several, key=keep_key)
    assert len(several) == len({keep_key(candidate) for candidate in several})
    reasons = {explain(ranked[0], other) for other in ranked[1:]}
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
