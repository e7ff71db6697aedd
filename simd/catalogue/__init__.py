"""What simd knows, in SQLite: schema, one writer, many readers, migrations."""

from simd.catalogue.catalogue import DATABASE, Catalogue
from simd.catalogue.pair_reads import PairTable
from simd.catalogue.recovery import RecoveryReport
from simd.catalogue.snapshot import Counts, Snapshot
from simd.catalogue.transaction import Transaction

__all__ = ["DATABASE", "Catalogue", "Counts", "PairTable", "RecoveryReport", "Snapshot", "Transaction"]
