"""The settings of the service to be: which file holds them, and what must change in it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simd.config import Settings, find_config, load
from simd.config.roots import check_roots, resolve
from simd.config.writing import new_file, with_roots
from simd.core.errors import BadRequest, NotFound, WrongUsage
from simd.system.folders import config_file
from simd.system.units.plan import Plan, Write

PRIVATE = 0o600
"""Mode of the file: it may come to hold the passwords of those who are told of reports."""

OLD = ".old"
"""What the name of a file that is changed gets, to be kept."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the service is going to read and watch.

    Attributes:
        config: the configuration file.
        settings: as they are without the change.
        roots: the folders, in words, as they will be.
        content: the new text of the file; None when it stays.
        kept: where its old text goes; None when there is none.
    """

    config: Path
    settings: Settings
    roots: tuple[str, ...]
    content: str | None = None
    kept: Path | None = None

    @property
    def plan(self) -> Plan:
        """The files to write."""
        if self.content is None:
            return ()
        # Where the file is a link, as those of some are, it stays one.
        place = Path(os.path.realpath(self.config))
        keep = (Write(self.kept, place.read_bytes(), PRIVATE),) if self.kept else ()
        return (*keep, Write(place, self.content.encode(), PRIVATE))


def places(photos: Sequence[str], environ: Mapping[str, str]) -> Places:
    """What must become of the settings so that these folders are watched.

    Args:
        photos: as they were given; none for those that the file names.
        environ: chooses the file, as it does for the daemon.

    Raises:
        WrongUsage: there is no folder to watch.
        NotFound, BadRequest: a folder is not there, or cannot be watched beside another.
        ConfigError: the file that is there has faults.
    """
    folders = [checked(word) for word in photos]
    config = find_config(None, environ) or config_file()
    there = os.path.lexists(config)
    # A file that a variable names and that is not there yet is going to be written.
    known = dict(environ) if there else {**environ, "SIMD_CONFIG": ""}
    settings = load(config if there else None, None, known)
    shown = tuple(os.fsdecode(root) for root in settings.roots)
    if not folders:
        if not settings.roots:
            raise WrongUsage(
                "no folder is named", hint="name what to watch: simctl service install ~/Pictures"
            )
        return Places(config, settings, shown)
    _check_together(folders, settings.state_dir)
    if there and {resolve(os.fsencode(folder)) for folder in folders} == set(settings.roots):
        return Places(config, settings, shown)
    if not there:
        return Places(config, settings, tuple(folders), new_file(folders))
    kept = config.with_name(config.name + OLD)
    return Places(config, settings, tuple(folders), with_roots(config, folders), kept)


def checked(word: str) -> str:
    """A folder that was named, made absolute.

    Raises:
        NotFound: it is not there.
        BadRequest: it is no folder, cannot be read, or its name is not UTF-8, as the file is.
    """
    path = Path(word).expanduser().absolute()
    shown = os.fspath(path)
    try:
        shown.encode()
    except UnicodeEncodeError:
        raise BadRequest(
            f"the name {shown!a} is not UTF-8, and cannot be written in the settings",
            hint="name the folder above it, or rename it",
            path=shown,
        ) from None
    if not path.exists():
        raise NotFound(
            f"there is no folder {path}", hint="a disk must be mounted when it is named here", path=shown
        )
    if not path.is_dir():
        raise BadRequest(f"{path} is not a folder", hint="name the folder that it lies in", path=shown)
    if not os.access(path, os.R_OK | os.X_OK):
        raise BadRequest(
            f"{path} cannot be read", hint=f"give yourself the right: chmod u+rx {path}", path=shown
        )
    return os.path.normpath(shown)


def _check_together(folders: Sequence[str], state_dir: Path) -> None:
    faults = check_roots(folders, state_dir, lambda _keys: "")
    if faults:
        raise BadRequest("; ".join(fault.message for fault in faults), hint=faults[0].hint)
