"""Pictures that came over the socket, laid as files where workers can read them."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from simd.core.errors import Failed

_PREFIX = "laid-"


class UploadFolder:
    """The folder where they lie for as long as somebody asks about them."""

    def __init__(self, folder: Path) -> None:
        """Make a private folder, unless it is there; what a daemon that was killed left in it is removed."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        for left in folder.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def laid(self, uploads: Sequence[IO[bytes]]) -> Iterator[Sequence[Path]]:
        """Files with what is read of each upload, in their order; they are gone afterwards.

        Raises:
            Failed: they cannot be laid there.
        """
        with ExitStack() as kept:
            try:
                folder = Path(kept.enter_context(TemporaryDirectory(dir=self._folder, prefix=_PREFIX)))
                places = [_laid(upload, folder / str(number)) for number, upload in enumerate(uploads)]
            except OSError as error:
                raise Failed(
                    f"The uploads cannot be kept: {error.strerror}.", hint="simctl doctor looks at the disk."
                ) from error
            yield places


def _laid(upload: IO[bytes], place: Path) -> Path:
    with place.open("xb") as file:
        shutil.copyfileobj(upload, file)
    return place
