"""What a closer look at two catalogued pictures has found, kept so that groups and plans know of it."""

import logging
from collections.abc import Sequence

from simd.catalogue import Catalogue
from simd.core.errors import CatalogueError
from simd.core.judgement import PairLook

log = logging.getLogger(__name__)


def keep_looks(catalogue: Catalogue, looks: Sequence[PairLook]) -> None:
    """Keep what was found; where the catalogue refuses, the next look finds it again."""
    if not looks:
        return
    try:
        catalogue.write(lambda to: to.put_looks(looks)).result()
    except CatalogueError as error:
        log.warning("what closer looks have found is not kept: %s", error.message)
