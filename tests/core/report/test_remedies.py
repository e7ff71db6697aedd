"""What helps against problems."""

from simd.core.model import ProblemCode
from simd.core.report.remedies import REMEDIES


def test_every_problem_has_a_remedy() -> None:
    """A reason that goes on from a number of files, and a sentence or two on what to do."""
    assert set(ProblemCode) == set(REMEDIES)
    for reason, remedy in REMEDIES.values():
        assert not reason[0].isupper()
        assert not reason.endswith(".")
        assert remedy[0].isupper()
    assert len(REMEDIES) == len({remedy for _, remedy in REMEDIES.values()})
