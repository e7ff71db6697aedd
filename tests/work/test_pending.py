"""Tickets of unfinished work."""

from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from simd.work.pending import Pending

KEYS = st.integers(0, 5)
STEPS = st.lists(st.tuples(st.sampled_from(["enter", "leave"]), KEYS), max_size=60)


@given(before=STEPS, after=STEPS)
def test_a_barrier_waits_for_exactly_what_was_pending_before_it(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    """It opens at once when and only when every key pending at its start has left since."""
    pending = Pending()
    for verb, key in before:
        getattr(pending, verb)(key)
    open_before = {key for key in range(6) if key in pending}

    assert (not open_before) == pending.wait_for_all_before_now(0.0)

    for verb, key in after:
        getattr(pending, verb)(key)
    left = {key for verb, key in after if verb == "leave"}
    if open_before <= left:
        for key in range(6):
            pending.leave(key)
        assert pending.wait_for_all_before_now(0.0)


def test_what_comes_later_is_not_waited_for() -> None:
    """A barrier ends although new work keeps arriving."""
    pending = Pending()
    pending.enter("old")
    opened = Event()

    def wait() -> None:
        if pending.wait_for_all_before_now(10.0):
            opened.set()

    waiter = Thread(target=wait)
    waiter.start()
    while not pending.waited_for:
        waiter.join(0.01)
    pending.enter("new")
    pending.leave("old")
    waiter.join(10.0)

    assert opened.is_set()
    assert "new" in pending


def test_a_key_that_comes_again_keeps_its_place() -> None:
    """Whoever waited for the first time goes on waiting until the key is done."""
    pending = Pending()
    pending.enter("again")
    pending.enter("other")
    pending.enter("again")
    pending.leave("other")

    assert not pending.wait_for_all_before_now(0.0)


def test_work_that_brings_forth_more_is_done_when_all_of_it_is() -> None:
    """Whoever waits for a sweep waits for the files that it found, whenever it found them."""
    pending = Pending()
    pending.enter("sweep")
    opened = Event()

    def wait() -> None:
        if pending.wait_for_all_before_now(10.0):
            opened.set()

    waiter = Thread(target=wait)
    waiter.start()
    while not pending.waited_for:
        waiter.join(0.01)
    pending.enter("first", "sweep")
    pending.enter("second", "sweep")
    pending.leave("first")
    pending.leave("sweep")
    assert not pending.wait_for_all_before_now(0.0)
    assert not opened.is_set()

    pending.leave("second")
    waiter.join(10.0)

    assert opened.is_set()
    assert 0 == len(pending)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["enter", "leave"]), KEYS, st.sampled_from(["one", "two", None])),
        max_size=60,
    )
)
def test_a_parent_is_pending_until_it_and_all_its_children_have_left(
    steps: list[tuple[str, int, str | None]],
) -> None:
    """And nothing is kept of what has left."""
    pending = Pending()
    children: dict[str, set[int]] = {"one": set(), "two": set()}
    pending.enter("one")
    pending.enter("two")
    for verb, key, parent in steps:
        if verb == "leave":
            pending.leave(key)
            children = {name: keys - {key} for name, keys in children.items()}
        else:
            if parent is not None and key not in pending:
                children[parent].add(key)
            pending.enter(key, parent)

    pending.leave("one")
    assert bool(children["one"]) == ("one" in pending)
    pending.leave("two")
    for key in range(6):
        pending.leave(key)
    assert 0 == len(pending)
    assert pending.wait_for_all_before_now(0.0)


def test_only_paths_count_as_files() -> None:
    """A sweep waits like any work, but it is no file that somebody would see counted."""
    pending = Pending()
    pending.enter("sweep")
    assert (1, 0) == (len(pending), pending.files)
    pending.enter(b"/a", "sweep")
    pending.enter(b"/a")
    pending.leave("sweep")
    assert (2, 1) == (len(pending), pending.files)
    pending.leave(b"/a")
    pending.leave(b"/a")
    assert (0, 0) == (len(pending), pending.files)
