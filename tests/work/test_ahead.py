"""What is read of a file while it settles is used only if nothing happened to the file since."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simd.core.model import ProblemCode
from simd.core.settling import Settling, Verdict
from simd.imaging import AlreadyKnown, Changed, Decoded, Outcome, Refused
from simd.work.ahead import RECENT, Promise, ReadAhead
from simd.work.arrivals import Copied, Read, Unreadable
from simd.work.examine import Place, ToRead
from tests.work.samples import picture, signature, stamp

QUIET, SETTLE = 1.0, 3.0
A, B = b"/a", b"/b"
STAMP = stamp(1)
NAMES = st.sampled_from([A, B])
ACTIONS = st.one_of(
    st.tuples(st.just("touch"), NAMES),
    st.tuples(st.just("forget"), NAMES),
    st.tuples(st.just("hand out"), st.integers(1, 2)),
    st.tuples(st.just("collect"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


def decoded(content: int) -> Decoded:
    """The outcome of decoding this content, all of which have one length and one stamp."""
    return Decoded(signature(picture(0), content), STAMP)


def taken(ahead: ReadAhead, now: float, count: int = 9) -> list[ToRead]:
    """The calm files, handed out."""
    for path in ahead.due(now):
        ahead.confirm(path, STAMP, now)
    return ahead.hand_out([ToRead(place, STAMP, frozenset()) for place in ahead.take(count)])


def read_once(ahead: ReadAhead, path: bytes = A, outcome: Outcome | None = None) -> ToRead:
    """Have a file touched, calm, handed out and, with an outcome, collected."""
    ahead.touch(path, STAMP, 0.0)
    (task,) = taken(ahead, QUIET)
    if outcome is not None:
        assert not ahead.collect(task, outcome)
    return task


def assert_nothing_is_left(ahead: ReadAhead) -> None:
    """No trial, no clock, no file in line, no signature."""
    assert (0, 0, None, False) == (len(ahead), len(ahead.fresh), ahead.next_due(), ahead.has_calm)


def test_a_file_that_was_read_and_not_touched_goes_on_at_once_when_it_has_settled() -> None:
    """That is what reading ahead is for."""
    ahead = ReadAhead(QUIET)
    outcome = decoded(1)
    read_once(ahead, A, outcome)
    assert Read(A, STAMP, outcome.signature) == ahead.settled(A, STAMP)
    assert_nothing_is_left(ahead)


def test_a_file_is_not_read_before_it_is_calm() -> None:
    """A writer at work would make every reading vain; each touch starts the clock anew."""
    ahead = ReadAhead(QUIET)
    ahead.touch(A, STAMP, 0.0)
    ahead.touch(A, STAMP, 0.6)
    assert [] == taken(ahead, 1.2)
    assert [A] == [task.place.path for task in taken(ahead, 1.6)]


def test_a_calm_file_is_given_with_what_was_seen_of_it() -> None:
    """It was looked at when its calm was over, and need not be looked at again before it is opened."""
    ahead = ReadAhead(QUIET)
    ahead.touch(A, STAMP, 0.0)
    ahead.confirm(A, STAMP, QUIET)
    assert [(A, STAMP)] == [(place.path, place.stamp) for place in ahead.take(9)]


def test_a_touch_with_the_same_stamp_makes_an_outcome_worthless() -> None:
    """Modification times may be coarser than two writes are apart."""
    ahead = ReadAhead(QUIET)
    read_once(ahead, A, decoded(1))
    ahead.touch(A, STAMP, 1.5)
    assert ahead.settled(A, STAMP) is None
    assert_nothing_is_left(ahead)


def test_another_stamp_makes_an_outcome_worthless() -> None:
    """An event may be late or lost; the stamp at the end is looked at all the same."""
    ahead = ReadAhead(QUIET)
    read_once(ahead, A, decoded(1))
    assert ahead.settled(A, stamp(2)) is None
    assert_nothing_is_left(ahead)


def test_a_sweep_that_sees_the_same_stamp_disturbs_nothing() -> None:
    """It is no sign of change, while another stamp is one."""
    ahead = ReadAhead(QUIET)
    outcome = decoded(1)
    read_once(ahead, A, outcome)
    read_once(ahead, B, outcome)
    ahead.found(A, STAMP, 1.5)
    ahead.found(B, stamp(2), 1.5)
    assert Read(A, STAMP, outcome.signature) == ahead.settled(A, STAMP)
    assert ahead.settled(B, STAMP) is None


def test_a_file_is_handed_out_once_while_it_settles() -> None:
    """A slow writer who pauses again and again costs one reading in vain."""
    ahead = ReadAhead(QUIET)
    read_once(ahead, A, decoded(1))
    ahead.touch(A, STAMP, 2.0)
    assert [] == taken(ahead, 9.0)
    assert ahead.settled(A, STAMP) is None
    ahead.touch(A, STAMP, 10.0)
    assert [A] == [task.place.path for task in taken(ahead, 11.0)]


def test_a_file_that_settles_while_it_is_read_goes_on_when_it_is_collected() -> None:
    """It is not handed out a second time."""
    ahead = ReadAhead(QUIET)
    task = read_once(ahead)
    assert Promise.COMING is ahead.settled(A, STAMP)
    assert ahead.collect(task, decoded(1))
    assert_nothing_is_left(ahead)


def test_a_touch_after_the_promise_makes_the_outcome_worthless() -> None:
    """The file settles anew, and may be read ahead anew."""
    ahead = ReadAhead(QUIET)
    task = read_once(ahead)
    assert Promise.COMING is ahead.settled(A, STAMP)
    ahead.touch(A, STAMP, 4.0)
    assert not ahead.collect(task, decoded(1))
    assert [A] == [each.place.path for each in taken(ahead, 5.0)]


def test_the_outcome_of_an_earlier_episode_is_not_taken_for_that_of_a_later_one() -> None:
    """A file may vanish and come back while a worker still reads what it was."""
    ahead = ReadAhead(QUIET)
    earlier = read_once(ahead)
    ahead.forget(A)
    later = read_once(ahead)
    assert not ahead.collect(earlier, decoded(1))
    assert not ahead.collect(later, decoded(2))
    assert Read(A, STAMP, decoded(2).signature) == ahead.settled(A, STAMP)


def test_a_file_that_had_nothing_to_read_is_examined_when_it_has_settled() -> None:
    """Nothing is promised that no worker has in hand."""
    ahead = ReadAhead(QUIET)
    ahead.touch(A, STAMP, 0.0)
    ahead.confirm(A, STAMP, QUIET)
    assert 1 == len(ahead.take(1))
    assert ahead.settled(A, STAMP) is None
    assert_nothing_is_left(ahead)


def test_a_file_that_is_forgotten_leaves_nothing_behind() -> None:
    """At whatever stage it was, and when its outcome comes all the same."""
    ahead = ReadAhead(QUIET)
    read_once(ahead, b"/held", decoded(1))
    task = read_once(ahead, b"/in flight")
    ahead.touch(b"/calm", STAMP, 0.0)
    ahead.confirm(b"/calm", STAMP, QUIET)
    ahead.touch(b"/resting", STAMP, 0.0)
    for path in (b"/held", b"/in flight", b"/calm", b"/resting"):
        ahead.forget(path)
    assert_nothing_is_left(ahead)
    assert not ahead.collect(task, decoded(2))
    assert_nothing_is_left(ahead)


def test_what_cannot_be_read_is_held_as_well() -> None:
    """A refusal is as good as a signature, unless the file changed while it was opened."""
    ahead = ReadAhead(QUIET)
    read_once(ahead, A, Refused(ProblemCode.CORRUPT, "It is damaged.", STAMP))
    read_once(ahead, B, Changed())
    assert Unreadable(A, STAMP, ProblemCode.CORRUPT, "It is damaged.") == ahead.settled(A, STAMP)
    assert ahead.settled(B, STAMP) is None


def test_a_copy_of_a_file_that_still_settles_does_not_depend_on_it() -> None:
    """The original may change or vanish before it is written; the catalogue would not know its digest."""
    ahead = ReadAhead(QUIET)
    original = decoded(1)
    read_once(ahead, A, original)
    size = original.signature.size
    ahead.forget(A)
    assert frozenset({original.signature.digest}) == ahead.digests(size)
    copy = AlreadyKnown(original.signature.digest, stamp(2))
    assert Decoded(original.signature, stamp(2)) == ahead.completed(copy, size)


def test_what_waits_to_be_written_is_not_crowded_out_by_what_is_read_later() -> None:
    """A signature that is held stays as long as its file settles; of the others the last are kept."""
    ahead = ReadAhead(QUIET)
    held = decoded(0)
    read_once(ahead, A, held)
    crowd = [decoded(content) for content in range(1, RECENT + 1)]
    for outcome in [*crowd, *crowd[-2:] * RECENT]:
        assert ahead.collect(ToRead(Place(B), STAMP, frozenset()), outcome)
    digests = {outcome.signature.digest for outcome in (held, *crowd)}
    assert digests == ahead.digests(held.signature.size)
    ahead.forget(A)
    assert digests - {held.signature.digest} == ahead.digests(held.signature.size)


def test_a_copy_of_a_catalogued_image_stays_a_copy() -> None:
    """Only what is not in the catalogue needs its signature."""
    ahead = ReadAhead(QUIET)
    known = AlreadyKnown(bytes(32), STAMP)
    assert known == ahead.completed(known, 10)
    read_once(ahead, A, known)
    assert Copied(A, STAMP, bytes(32)) == ahead.settled(A, STAMP)


@dataclass
class History:
    """Two files with contents that are counted, read ahead and settling, whose stamps never differ.

    A worker may read at any time between taking a file and its being collected, so the content
    that it found is taken for as old as that of the moment of handing out.
    """

    ahead: ReadAhead = field(default_factory=lambda: ReadAhead(QUIET))
    settling: Settling = field(default_factory=lambda: Settling(SETTLE, 1e9))
    content: dict[bytes, int] = field(default_factory=lambda: {A: 0, B: 0})
    flying: list[tuple[ToRead, int]] = field(default_factory=list)
    promised: dict[bytes, int] = field(default_factory=dict)
    handed_out: set[bytes] = field(default_factory=set)
    now: float = 0.0

    def touch(self, path: bytes) -> None:
        """Write a file."""
        self.content[path] += 1
        self.promised.pop(path, None)
        if path not in self.settling:
            self.handed_out.discard(path)
        self.settling.touch(path, STAMP, self.now)
        self.ahead.touch(path, STAMP, self.now)

    def forget(self, path: bytes) -> None:
        """Have a file vanish."""
        self.promised.pop(path, None)
        self.settling.forget(path)
        self.ahead.forget(path)

    def hand_out(self, count: int) -> None:
        """Give calm files to the workers."""
        for task in taken(self.ahead, self.now, count):
            assert task.place.path in self.settling
            assert task.place.path not in self.handed_out
            self.handed_out.add(task.place.path)
            self.flying.append((task, self.content[task.place.path]))

    def collect(self, which: int) -> None:
        """Take one of the outcomes."""
        if which < len(self.flying):
            task, content = self.flying.pop(which)
            path = task.place.path
            if self.ahead.collect(task, decoded(content)):
                assert self.content[path] == content == self.promised.pop(path)

    def wait(self, seconds: float) -> None:
        """Let time pass, and see what settles."""
        self.now += seconds
        for path in self.settling.due(self.now):
            if self.settling.confirm(path, STAMP, self.now) is Verdict.SETTLED:
                self._judge(path, self.ahead.settled(path, STAMP))

    def _judge(self, path: bytes, found: object) -> None:
        match found:
            case Read(_, _, accepted):
                assert decoded(self.content[path]).signature == accepted
            case Promise.COMING:
                self.promised[path] = self.content[path]


@given(st.lists(ACTIONS, max_size=60))
def test_whatever_is_accepted_was_read_after_the_last_touch(actions: list[tuple[str, Any]]) -> None:
    """In whatever order things happen; and in the end nothing is owed and nothing is left."""
    history = History()
    for kind, detail in actions:
        getattr(history, kind.replace(" ", "_"))(detail)
    history.wait(SETTLE)
    history.wait(SETTLE)
    while history.flying:
        history.collect(0)
    assert {} == history.promised
    assert_nothing_is_left(history.ahead)
