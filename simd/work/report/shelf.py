"""The folder of reports: which there are, and what each says of itself.

A report is there when its page and its record are. The record, ``report-<id>.groups.gz``, holds
lines of JSON: an :class:`Entry` first, then a line for each group.
"""

import gzip
import json
import logging
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from simd.catalogue import Tallies
from simd.core.answers import ReportHead, ReportPaths
from simd.core.decoding import decode
from simd.core.encoding import encode
from simd.core.errors import BadReportFolder, Failed, NotFound
from simd.core.report.membership import GroupRecord
from simd.core.report.naming import LATEST, SUFFIXES, date_of, file_name, id_in
from simd.work.report.order import Earlier

log = logging.getLogger(__name__)

PAGE: Final = ".html"
RECORD: Final = ".groups.gz"

_NAMED_IN_HINTS: Final = 10
_DAMAGE: Final = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a report says of itself.

    Attributes:
        summary: the report in words.
        tallies: what had happened to files when it was made.
        noted: how far it had read the journal of actions.
    """

    head: ReportHead
    summary: str
    tallies: Tallies
    noted: int = 0


class Shelf:
    """Reads the folder of reports. Files that are damaged or not simd's are passed over, and stay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paths(self, report_id: str) -> ReportPaths:
        """Where the files of a report are or will be."""
        html, json_, csv, txt = (
            str(self.folder / file_name(report_id, suffix)) for suffix in (PAGE, ".json", ".csv", ".txt")
        )
        return ReportPaths(html=html, json=json_, csv=csv, txt=txt)

    def entries(self) -> list[Entry]:
        """Every report, the newest first.

        Raises:
            BadReportFolder: the folder cannot be read.
        """
        found = [entry for report_id in self.ids() if (entry := self.find(report_id)) is not None]
        return sorted(found, key=lambda entry: (_moment(entry.head), entry.head.id), reverse=True)

    def ids(self) -> set[str]:
        """The ids of the pages that there are; none where there is no folder.

        Raises:
            BadReportFolder: the folder cannot be read.
        """
        try:
            names = [path.name for path in self.folder.iterdir() if path.suffix == PAGE]
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise BadReportFolder(
                f"The folder of reports cannot be read: {(error.strerror or 'unknown error').lower()}.",
                hint="Let simd's user read it, or set report.folder.",
                path=str(self.folder),
            ) from error
        return {report_id for name in names if (report_id := id_in(name)) is not None}

    def find(self, report_id: str) -> Entry | None:
        """What a report says of itself; None when it is not there, or damaged."""
        if not (self.folder / file_name(report_id, PAGE)).is_file():
            return None
        record = self.folder / file_name(report_id, RECORD)
        try:
            with gzip.open(record, "rb") as lines:
                entry = decode(Entry, json.loads(lines.readline()))
            if entry.head.id != report_id:
                raise ValueError(f"it is the record of {entry.head.id}")
            _moment(entry.head)
        except FileNotFoundError:
            return None
        except _DAMAGE as error:
            log.warning("%s is passed over: %s", record, error)
            return None
        # The folder may have been moved since.
        return replace(entry, head=replace(entry.head, paths=self.paths(report_id)))

    def get(self, report_id: str) -> Entry:
        """What a report says of itself; ``latest`` is the newest.

        Raises:
            BadRequest: no report can have this id.
            NotFound: there is no such report, or it is damaged.
        """
        if report_id != LATEST:
            date_of(report_id)
        entries = self.entries()
        for entry in entries:
            if report_id in {entry.head.id, LATEST}:
                return entry
        if not entries:
            raise NotFound("There is no report yet.", hint="simctl report now makes one.")
        known = ", ".join(entry.head.id for entry in entries[:_NAMED_IN_HINTS])
        rest = len(entries) - _NAMED_IN_HINTS
        more = f" and {rest} older ones" if rest > 0 else ""
        raise NotFound(f"There is no report {report_id}.", hint=f"There are: {known}{more}.")

    def records(self, report_id: str) -> list[GroupRecord]:
        """Every group of a report.

        Raises:
            Failed: its record is damaged.
        """
        path = self.folder / file_name(report_id, RECORD)
        try:
            with gzip.open(path, "rb") as lines:
                lines.readline()
                return [_record(line) for line in lines]
        except _DAMAGE as error:
            raise Failed(
                f"The record of report {report_id} cannot be read: {error}.",
                hint="Compare with another report, or restore the file from a backup.",
                path=str(path),
            ) from error

    def newest_readable(self, entries: Iterable[Entry]) -> Earlier | None:
        """What the next report asks about the one before; the first of ``entries`` that can be read."""
        for entry in entries:
            try:
                records = self.records(entry.head.id)
            except Failed as error:
                log.warning("%s", error.message)
                continue
            return Earlier(head=entry.head, records=records, tallies=entry.tallies, noted=entry.noted)
        return None

    def remove(self, report_ids: Iterable[str]) -> None:
        """Take reports away, the page of each first, so that there is never half of one.

        Raises:
            BadReportFolder: the folder cannot be written.
        """
        for report_id in report_ids:
            for suffix in SUFFIXES:
                try:
                    (self.folder / file_name(report_id, suffix)).unlink(missing_ok=True)
                except OSError as error:
                    raise BadReportFolder(
                        f"Report {report_id} cannot be removed: {(error.strerror or str(error)).lower()}.",
                        hint="Let simd's user write in the folder of reports.",
                        path=str(self.folder),
                    ) from error


def write_record(stream: BinaryIO, entry: Entry, records: Iterable[GroupRecord]) -> None:
    """Write what :class:`Shelf` reads."""
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=5, mtime=0) as lines:
        lines.write(encode(entry) + b"\n")
        for record in records:
            lines.write(encode(record) + b"\n")


def _record(line: bytes) -> GroupRecord:
    found = json.loads(line)
    return GroupRecord(
        keeper=found["keeper"],
        images=tuple(found["images"]),
        files=found["files"],
        reclaimable_bytes=found["reclaimable_bytes"],
        path=found["path"],
        path_b64=found.get("path_b64"),
    )


def _moment(head: ReportHead) -> datetime:
    moment = datetime.fromisoformat(head.made_at)
    if moment.tzinfo is None:
        raise ValueError("its moment has no offset")
    return moment
