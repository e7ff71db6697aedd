"""From flags, environment and file to settings.

Precedence: flags, then ``SIMD_CONFIG``, ``SIMD_STATE_DIR`` and ``SIMD_SOCKET``, then the
file, then the defaults.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simd.config.document import Document, read_document
from simd.config.faults import Fault, Keys, describe, did_you_mean
from simd.config.keeping import check_keep, resolved
from simd.config.roots import check_roots, resolve
from simd.config.schema import validate
from simd.config.settings import NotifySettings, Settings
from simd.config.targets import read_targets
from simd.core.errors import ConfigError
from simd.system.folders import config_file, default_socket

PREFIX = "SIMD_"
CONFIG_VARIABLE = "SIMD_CONFIG"
KEY_VARIABLES = {"SIMD_STATE_DIR": "state_dir", "SIMD_SOCKET": "socket"}
"""The variables that set a key of the file."""

PATH_KEYS = frozenset({"roots", "state_dir", "socket"})


def load(
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings that hold.

    Args:
        config: the file that was named by a flag.
        overrides: top-level keys that flags set; a value of None sets nothing. Relative
            paths here and in the environment are taken from the working folder.
        environ: the environment; that of this process when None. An empty variable
            counts as unset.

    Raises:
        ConfigError: something is wrong; the message lists everything that is.
    """
    environ = os.environ if environ is None else environ
    path = find_config(config, environ)
    document = Document("defaults") if path is None else read_document(path)
    wanted = _merge(document, overrides or {}, environ)
    settings, faults = validate(wanted.values, wanted.place)
    faults = [*_unknown_variables(environ), *document.faults, *faults]
    faults += check_roots(wanted.values.get("roots"), settings.state_dir, wanted.place)
    faults += check_keep(settings.keep, settings.roots, wanted.place)
    notify, more = _with_targets(settings.notify)
    faults += more
    if faults:
        named = None if path is None else os.fspath(path)
        raise ConfigError(describe(faults), hint="simd.example.yaml explains every key", path=named)
    return _completed(replace(settings, notify=notify), wanted)


def find_config(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that :func:`load` reads; None when none is named and none is at the usual place."""
    named = environ.get(CONFIG_VARIABLE) if config is None else config
    if named:
        return Path(named).expanduser()
    usual = config_file()
    # A dangling link or an unreadable file at the usual place is a fault, not an absent file.
    return usual if os.path.lexists(usual) else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The merged values, and where each top-level key came from if not from the file."""

    document: Document
    values: dict[str, object]
    sources: dict[str, str] = field(default_factory=dict)

    def place(self, keys: Keys) -> str:
        """Where a value was written: a flag, a variable, or file and line."""
        source = self.sources.get(str(keys[0])) if keys else None
        return source or self.document.place(keys)


def _merge(document: Document, overrides: Mapping[str, object], environ: Mapping[str, str]) -> _Wanted:
    wanted = _Wanted(document, _without_nulls(document.values))
    for variable, key in KEY_VARIABLES.items():
        if environ.get(variable):
            wanted.values[key] = _from_shell(environ[variable])
            wanted.sources[key] = variable
    for key, value in overrides.items():
        if value is not None:
            wanted.values[key] = _from_shell(value) if key in PATH_KEYS else value
            wanted.sources[key] = "--root" if key == "roots" else "--" + key.replace("_", "-")
    return wanted


def _completed(settings: Settings, wanted: _Wanted) -> Settings:
    roots = tuple(resolve(root) for root in settings.roots)
    settings = replace(settings, roots=roots, keep=resolved(settings.keep))
    if "socket" not in wanted.values:
        # simctl knows a state folder from the shell, and does not read the file.
        chosen = settings.state_dir if "state_dir" in wanted.sources else None
        settings = replace(settings, socket=default_socket(chosen))
    return settings


def _with_targets(notify: NotifySettings) -> tuple[NotifySettings, list[Fault]]:
    """The settings with the targets of their file, and what is wrong with that file."""
    if notify.targets_file is None:
        return notify, []
    more, faults = read_targets(notify.targets_file)
    return replace(notify, targets=(*notify.targets, *more)), faults


def _unknown_variables(environ: Mapping[str, str]) -> list[Fault]:
    known = {CONFIG_VARIABLE, *KEY_VARIABLES}
    return [
        Fault(name, "there is no such variable", did_you_mean(name, known, PREFIX), "environment")
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    ]


def _without_nulls(values: Mapping[str, object]) -> dict[str, object]:
    """The values without the keys that are left empty: those keep their defaults."""
    return {
        key: _without_nulls(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }


def _from_shell(value: object) -> object:
    """A path as a shell means it: relative to the working folder."""
    if isinstance(value, str | bytes | os.PathLike):
        return os.path.abspath(os.path.expanduser(os.fsencode(value)))  # noqa: PTH100, PTH111 - bytes
    if isinstance(value, Sequence):
        return [_from_shell(item) for item in value]
    return value
