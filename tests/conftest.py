"""What all tests of one process share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from simd.imaging import worker
from tests.examples import LONG

# A machine that others share may stop for a second in the midst of any example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
settings.register_profile(LONG, max_examples=1_000)

REPORTING = ("simd.work.report.making", "simd.catalogue")
"""What the process of every report imports, once a night for people and a hundred times for the tests."""


IN_DOUBT = ("scipy.fftpack",)
"""What imagehash takes for flat pictures: rare in a library, but half of those that tests draw."""


@pytest.fixture(scope="session", autouse=True)
def libraries_at_hand() -> Iterator[None]:
    """The fork server of the tests has imported what reports and flat pictures need."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "PRELOADED", (*worker.PRELOADED, *REPORTING, *IN_DOUBT))
        yield
