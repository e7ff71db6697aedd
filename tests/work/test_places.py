"""Places wait in their order, and a slow disk keeps nobody waiting but its own files."""

from simd.core.turns import NO_DISK, Disks, Lane
from simd.work.examine import Place
from simd.work.places import Places

SPINNING = frozenset({"sda"})


def disks_under(path: bytes) -> Disks:
    """One folder lies on a disk that spins."""
    return SPINNING if path.startswith(b"/slow/") else NO_DISK


def found(*paths: bytes) -> Places:
    """Places that a sweep found."""
    places = Places(disks_under)
    for path in paths:
        places.offer(Place(path))
    return places


def wanted(_lane: Lane) -> bool:
    """Nothing is on its way."""
    return True


def solid(lane: Lane) -> bool:
    """Of the slow disk, enough is on its way already."""
    return not lane.disks


def taken(places: Places, most: int = 99) -> list[bytes]:
    """What is taken when all is wanted."""
    return [place.path for place in places.take(most, wanted)]


def test_what_has_settled_goes_first() -> None:
    """Then what a sweep found, in its order."""
    places = found(b"/slow/a", b"/b")
    places.add([Place(b"/c", settled=True), Place(b"/slow/d", settled=True)])
    assert places.may_settled_go(wanted)
    assert [b"/c", b"/slow/d", b"/slow/a"] == taken(places, 3)
    assert not places.may_settled_go(wanted)
    assert ([b"/b"], False) == (taken(places), places.may_go(wanted))


def test_a_slow_disk_is_passed_over_while_enough_of_it_is_on_its_way() -> None:
    """Ten thousand files that a first scan found there stand before nobody else."""
    places = found(*(b"/slow/%d" % number for number in range(200)), b"/x", b"/y")
    places.add([Place(b"/slow/new", settled=True)])
    assert [b"/x", b"/y"] == [place.path for place in places.take(99, solid)]
    assert (False, True) == (places.may_go(solid), places.may_go(wanted))
    assert [b"/slow/new", b"/slow/0"] == taken(places, 2)


def test_what_is_put_back_goes_next() -> None:
    """In the order in which it was taken, whatever the kind."""
    places = found(b"/a", b"/slow/b", b"/c")
    places.put_back(places.take(2, wanted))
    assert [b"/a", b"/slow/b", b"/c"] == taken(places)


def test_what_waits_already_is_not_looked_at_twice() -> None:
    """Whatever later sweeps find, but for what is read in any case; what was taken may come again."""
    places = found(b"/a", b"/b", b"/a")
    places.put_back(places.take(1, wanted))
    places.offer(Place(b"/a"))
    places.offer(Place(b"/b", forced=True))
    assert [b"/a", b"/b", b"/b"] == taken(places)
    places.offer(Place(b"/a"))
    assert [b"/a"] == taken(places)
