"""A small library of real pictures, catalogued without a daemon, and reports over it."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image

from simd.catalogue import Catalogue
from simd.core.actions.summing import NOTHING, Summary
from simd.core.answers import Note
from simd.core.model import Pair
from simd.core.verdicts import GivenVerdict
from simd.imaging import Decoded, DecodePool
from simd.imaging.signature import examine
from simd.runtime.broadcast import Broadcast
from simd.work.report.previews import Previews
from simd.work.report.reports import DeliveryPlan, ReportPlan, Reports
from tests.fakes import FakeClock
from tests.imaging.pictures import landscape
from tests.work.samples import pair


@dataclass(frozen=True, slots=True)
class Library:
    """A catalogue in ``state`` of the pictures in ``photos``."""

    catalogue: Catalogue
    photos: Path
    state: Path

    def add(self, name: str, picture: Image.Image) -> int:
        """Save a picture and catalogue it; the id of its image."""
        path = self.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        return self.read(path)

    def read(self, path: Path) -> int:
        """Catalogue a file; the id of its image, a known one where its bytes are known."""
        outcome = examine(os.fsencode(path))
        assert isinstance(outcome, Decoded), outcome
        with self.catalogue.read() as snapshot:
            known = snapshot.image_by_digest(outcome.signature.digest)
        image_id = self.catalogue.next_image_id() if known is None else known.id
        if known is None:
            self.catalogue.write(lambda to: to.put_images([(image_id, outcome.signature)])).result()
        file = (os.fsencode(path), outcome.stamp, image_id)
        self.catalogue.write(lambda to: to.put_files([file])).result()
        return image_id

    def join(self, *pairs: tuple[int, int]) -> None:
        """Have these images found alike."""
        found: list[Pair] = [pair(a, b) for a, b in pairs]
        self.catalogue.write(lambda to: to.put_pairs(found)).result()

    def near(self, number: int) -> tuple[int, int]:
        """A picture and a smaller copy of it, as one more group."""
        picture = landscape(number, (320, 240))
        a = self.add(f"camera/{number}.png", picture)
        b = self.add(f"backup/{number}.jpg", picture.resize((160, 120)))
        self.join((a, b))
        return a, b

    def kept(self, ids: Sequence[int]) -> dict[int, bytes]:
        """The previews in the catalogue."""
        with self.catalogue.read() as snapshot:
            return snapshot.previews(ids)


@dataclass(slots=True)
class Bureau:
    """Makes reports about a library; its parts can be exchanged before :meth:`open`."""

    library: Library
    pool: DecodePool
    clock: FakeClock
    folder: Path
    broadcast: Broadcast
    online: bool = True
    delivery: DeliveryPlan | None = None
    next_at: datetime | None = None
    notes: Sequence[Note] = ()
    keep_nightly: int = 30
    keep_monthly: int = 12
    verdicts: Sequence[GivenVerdict] = ()
    deeds: Callable[[int], Summary] = lambda _: NOTHING

    def open(self) -> Reports:
        """The use case; the caller closes it."""
        return Reports(
            ReportPlan(
                state_dir=self.library.state,
                folder=self.folder,
                preset="default",
                keep_nightly=self.keep_nightly,
                keep_monthly=self.keep_monthly,
                groups_shown=500,
                delivery=self.delivery,
            ),
            self.library.catalogue,
            Previews(self.library.catalogue, self.pool, lambda _: self.online),
            self.clock,
            self.broadcast,
            lambda: self.notes,
            lambda: self.next_at,
            lambda: self.verdicts,
            deeds=self.deeds,
        )

    def names(self) -> list[str]:
        """The files in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


def opened(bureau: Bureau, closing: ExitStack) -> Reports:
    """The use case, closed at the end of the test."""
    reports = bureau.open()
    closing.callback(reports.close)
    return reports
