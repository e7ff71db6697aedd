"""What every group of write verbs stands on: the writer's connection, its directories, the moment."""

from datetime import datetime

from sqlalchemy import Connection

from simd.catalogue.directories import Directories


class Writing:
    """One transaction on the writer thread; it commits after the job returns."""

    def __init__(self, connection: Connection, directories: Directories, now: datetime) -> None:
        self._connection = connection
        self._directories = directories
        self._now = now
