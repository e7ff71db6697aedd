"""The pages of problems."""

import pytest

from simd.catalogue import Catalogue
from simd.core.errors import BadRequest
from simd.core.model import ProblemCode
from simd.work.portrait import Portraits
from tests.work.samples import ROOT, stamp


def test_the_pages_of_problems_hold_every_bad_file_once(catalogue: Catalogue) -> None:
    """Whatever their size."""
    bad = [(ROOT + b"/%d.jpg" % n, stamp(n), ProblemCode.EMPTY, "It is empty.") for n in range(10)]
    catalogue.write(lambda to: to.put_problems(bad)).result()
    portraits = Portraits(catalogue)

    pages = [portraits.problems(3, None)]
    while pages[-1].next_cursor is not None:
        pages.append(portraits.problems(3, pages[-1].next_cursor))

    assert [f"/photos/{n}.jpg" for n in range(10)] == [row.path for page in pages for row in page.problems]
    assert [3, 3, 3, 1] == [len(page.problems) for page in pages]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1-2", "٣", "9" * 30, "9" * 5_000])
def test_a_cursor_that_no_page_gave_is_refused(catalogue: Catalogue, cursor: str) -> None:
    """Before it reaches the catalogue."""
    with pytest.raises(BadRequest, match="no page at cursor"):
        Portraits(catalogue).problems(3, cursor)
