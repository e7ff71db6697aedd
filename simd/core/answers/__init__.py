"""What the service answers: one frozen dataclass for each shape of the protocol.

The names of the fields are the names in JSON. A path is text for reading; where its bytes
are not UTF-8 it is escaped, and ``path_b64`` beside it holds the bytes in Base64.
``path_b64`` is left out of the JSON when it is None; every other None is a null.
Times are ISO 8601 with offset, sizes are bytes, and ``generation`` is the number of the
catalogue's last commit that the answer saw.
"""

from simd.core.answers.daemon import (
    CatalogueStatus,
    Check,
    DaemonState,
    DoctorAnswer,
    FileCounts,
    IndexStatus,
    Metric,
    MetricKind,
    Note,
    Paused,
    ProblemSummary,
    Progress,
    QueueStatus,
    RootStatus,
    ScanStarted,
    Status,
    Synced,
)
from simd.core.answers.likeness import (
    Comparison,
    ComparisonMeasures,
    Group,
    GroupPage,
    GroupTotals,
    Match,
    MatchKind,
    Member,
    QueryAnswer,
    Verdict,
)
from simd.core.answers.pictures import (
    File,
    Image,
    ImageAnswer,
    ImageLike,
    Neighbour,
    ProblemPage,
    ProblemRow,
    Retried,
)

__all__ = [
    "CatalogueStatus",
    "Check",
    "Comparison",
    "ComparisonMeasures",
    "DaemonState",
    "DoctorAnswer",
    "File",
    "FileCounts",
    "Group",
    "GroupPage",
    "GroupTotals",
    "Image",
    "ImageAnswer",
    "ImageLike",
    "IndexStatus",
    "Match",
    "MatchKind",
    "Member",
    "Metric",
    "MetricKind",
    "Neighbour",
    "Note",
    "Paused",
    "ProblemPage",
    "ProblemRow",
    "ProblemSummary",
    "Progress",
    "QueryAnswer",
    "QueueStatus",
    "Retried",
    "RootStatus",
    "ScanStarted",
    "Status",
    "Synced",
    "Verdict",
]
