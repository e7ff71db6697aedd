"""What simd has done to files by itself, told to the ingest loop: so nothing is read to find it out."""

import os
from collections.abc import Iterator, Mapping, Sequence

from simd.catalogue import Catalogue
from simd.core.actions.model import Step
from simd.core.actions.words import StepState
from simd.core.hints import Gone, Hint, Settled, Touched
from simd.core.stamp import Stamp
from simd.runtime.mailbox import Mailbox
from simd.work.examine import stamp_of


class Telling:
    """Tells of pictures that were taken away, put back, or became others."""

    def __init__(self, catalogue: Catalogue, mailbox: Mailbox[Hint]) -> None:
        """``catalogue`` knows the images by their digests; the loop finds ``mailbox``."""
        self._catalogue = catalogue
        self._mailbox = mailbox

    def tell(self, pictures: Sequence[Step], state: StepState, found: Mapping[bytes, os.stat_result]) -> None:
        """Tell of the files of some steps, and of the kept ones, which a link touches.

        Args:
            pictures: the steps.
            state: how far all of them have come, whatever they say themselves.
            found: what has been seen of some of their files since, by their paths.
        """
        taken, there = _parted(pictures, state)
        touched = [step.file for step in there]
        touched += [step.keeper for step in there if step.keeper is not None and step.traits is not None]
        digests = {known.path: known.digest for known in touched if known.digest is not None}
        gone = [Gone(step.file.path, directory=False) for step in taken]
        self._mailbox.put_all([*gone, *self._standing(digests, found)])

    def _standing(
        self, digests: Mapping[bytes, bytes], found: Mapping[bytes, os.stat_result]
    ) -> Iterator[Hint]:
        """What there is to tell of paths where files of these digests stand, if anything does."""
        if not digests:
            return
        with self._catalogue.read() as snapshot:
            ids = snapshot.ids_by_digest(set(digests.values()))
        for path, digest in digests.items():
            seen = found.get(path)
            stamp = stamp_of(path) if seen is None else Stamp.of(seen)
            if stamp is None:
                yield Gone(path, directory=False)
            elif digest in ids:
                yield Settled(path, stamp, ids[digest])
            else:
                # It was forgotten meanwhile, and has to be read.
                yield Touched(path)


def _parted(pictures: Sequence[Step], state: StepState) -> tuple[Sequence[Step], Sequence[Step]]:
    """Those whose files have left their paths, for good or until somebody wants them back; and the others.

    Should another file have come there, the loop sees it: a hint is never the truth.
    """
    if state is StepState.PURGED:
        return pictures, ()
    if state is not StepState.DONE:
        return (), pictures
    # Who has no place, or traits, shares its bytes, and has not left.
    taken = [step for step in pictures if step.place is not None and step.traits is None]
    return taken, [step for step in pictures if step.place is None or step.traits is not None]
