"""What a sweep has found so far."""

from dataclasses import dataclass, field

from simd.watching.sweep import Findings


@dataclass(slots=True)
class Tally:
    """The sum of the findings of one sweep."""

    files: int = 0
    changed: int = 0
    missing: list[bytes] = field(default_factory=list)
    unreadable: list[tuple[bytes, str]] = field(default_factory=list)
    mounts: list[bytes] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    def left_out(self) -> list[bytes]:
        """Directories that were not looked into: nothing is known of what they hold now."""
        return [*self.mounts, *(path for path, _ in self.unreadable)]

    def add(self, findings: Findings) -> None:
        """Count what the next directories hold."""
        self.files += findings.files
        self.changed += len(findings.changed)
        self.missing += findings.missing
        self.unreadable += findings.problems
        self.mounts += findings.mounts
        self.seen.update(findings.directories)
