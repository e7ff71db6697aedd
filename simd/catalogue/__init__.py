"""What simd knows, in SQLite: schema, one writer, many readers, migrations."""

from simd.catalogue.catalogue import Catalogue
from simd.catalogue.decisions import DECISIONS, Decisions
from simd.catalogue.engines import DATABASE
from simd.catalogue.journal import JOURNAL, Journal
from simd.catalogue.pair_reads import PairTable
from simd.catalogue.protected import ProtectedTable
from simd.catalogue.reader import open_reader
from simd.catalogue.recovery import RecoveryReport
from simd.catalogue.report_reads import PresentFiles, ProblemKind, Tallies
from simd.catalogue.sheet_reads import Portion
from simd.catalogue.snapshot import Counts, Snapshot
from simd.catalogue.transaction import Transaction
from simd.catalogue.verdicts import VerdictTable
from simd.catalogue.writer import HEART as WRITER

__all__ = [
    "DATABASE",
    "DECISIONS",
    "JOURNAL",
    "WRITER",
    "Catalogue",
    "Counts",
    "Decisions",
    "Journal",
    "PairTable",
    "Portion",
    "PresentFiles",
    "ProblemKind",
    "ProtectedTable",
    "RecoveryReport",
    "Snapshot",
    "Tallies",
    "Transaction",
    "VerdictTable",
    "open_reader",
]
