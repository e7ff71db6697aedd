"""The event loop shows that it goes round."""

import pytest

from simd.api import server as server_module
from tests.api.door import serving


def test_the_event_loop_beats_for_as_long_as_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every beat is later than the one before, and all come from the thread that serves."""
    monkeypatch.setattr(server_module, "BEAT_SECONDS", 0.0)
    with serving() as door:
        first = door.server.heart.sign()
        assert 200 == door.ask("GET", "/v1/status").status
        second = door.server.heart.sign()
    assert first is not None
    assert second is not None
    assert first.at < second.at
    assert door.thread.ident == door.server.heart.thread
