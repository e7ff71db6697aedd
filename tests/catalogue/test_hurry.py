"""A check that takes long gives way to the end of the daemon."""

import pytest

from simd.catalogue import DATABASE, Catalogue
from simd.catalogue import recovery as recovery_module
from simd.catalogue.recovery import damage_in
from simd.core.errors import Unavailable


def test_a_check_is_given_up_when_the_daemon_stops(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says neither that the catalogue is sound nor that it is damaged, and writing goes on."""
    monkeypatch.setattr(recovery_module, "STEPS_BETWEEN_QUESTIONS", 1)
    assert [] == catalogue.check().result()
    catalogue.hurry()
    with pytest.raises(Unavailable):
        catalogue.check().result()
    assert not catalogue.suspects_damage
    catalogue.write(lambda to: to.enrol_root(b"/photos", 1, 2, "ext4")).result()


def test_a_check_goes_on_while_nobody_is_in_a_hurry(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Being asked does it no harm."""
    asked = []

    def ask() -> bool:
        asked.append(True)
        return False

    monkeypatch.setattr(recovery_module, "STEPS_BETWEEN_QUESTIONS", 1)
    assert [] == damage_in(catalogue.folder / DATABASE, ask)
    assert asked
