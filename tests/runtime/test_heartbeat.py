"""What a thread says of itself."""

import pytest

from simd.core.vigil import LifeSign
from simd.runtime.heartbeat import Heart


class Steady:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_heart_tells_its_last_beat() -> None:
    """Before the first one, and while the thread rests, there is none to tell."""
    clock = Steady()
    heart = Heart("loop", 30.0, ["writer"], clock)
    assert heart.sign() is None
    heart.beat()
    clock.now = 8.0
    assert LifeSign(name="loop", at=5.0, allowed=30.0, awaits=("writer",)) == heart.sign()
    heart.beat()
    assert LifeSign(name="loop", at=8.0, allowed=30.0, awaits=("writer",)) == heart.sign()
    heart.rest()
    assert heart.sign() is None


def test_a_long_step_is_declared_until_it_ends() -> None:
    """Also when it ends by an error: from then on the usual time counts again."""
    clock = Steady()
    heart = Heart("loop", 30.0, (), clock)

    def back_up() -> None:
        with heart.during("backs up", 3_600.0):
            assert LifeSign(name="loop", at=5.0, allowed=3_600.0, doing="backs up") == heart.sign()
            clock.now = 900.0
            raise TimeoutError

    with pytest.raises(TimeoutError):
        back_up()
    assert LifeSign(name="loop", at=900.0, allowed=30.0) == heart.sign()
