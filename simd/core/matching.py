"""What a rematch has to remember: by which rules pairs were stored, and how far it has come."""

from dataclasses import dataclass
from enum import IntEnum

MATCHING = 1
"""Number of the rules by which pairs are stored.

To be raised with any threshold that decides it, and with any change of a measure: a catalogue with
pairs of another number is matched again. A test holds it against the thresholds.
"""


class Crowding(IntEnum):
    """What has become of crowds, in which no image is compared with everybody near, since the last rematch.

    Attributes:
        STIRRED: images came near others, or left: the crowds may have changed.
        CUT_OFF: an image came that was compared with a part of its candidates only.
    """

    STIRRED = 0
    CUT_OFF = 1


class Stage(IntEnum):
    """What a rematch is at: it compares images, then confirms the pairs that are stored.

    Attributes:
        LOOK: before that, it looks whether crowds have changed, and ends if they have not.
    """

    LOOK = 0
    COMPARE = 1
    CONFIRM = 2


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where an unfinished rematch goes on.

    Attributes:
        matching: the rules by which it matches.
        last_id: the greatest image id when it began; later images were matched on arrival.
        bands, width: the cut of the join, both 0 while it is not chosen.
        stage: what it is at.
        done: steps of the join that are behind it; or the id up to which pairs are confirmed.
    """

    matching: int
    last_id: int
    bands: int = 0
    width: int = 0
    stage: Stage = Stage.COMPARE
    done: int = 0
