"""Settings: from flags, environment and YAML file to frozen values, with every fault at once."""

from simd.config.cautions import cautions
from simd.config.changes import adopt, changed_keys
from simd.config.faults import Fault, describe
from simd.config.loading import find_config, load
from simd.config.settings import (
    CatalogueSettings,
    ImagingSettings,
    KeepSettings,
    LogSettings,
    MatchSettings,
    NotifySettings,
    ReportSettings,
    ScheduleSettings,
    Settings,
    WatchSettings,
)

__all__ = [
    "CatalogueSettings",
    "Fault",
    "ImagingSettings",
    "KeepSettings",
    "LogSettings",
    "MatchSettings",
    "NotifySettings",
    "ReportSettings",
    "ScheduleSettings",
    "Settings",
    "WatchSettings",
    "adopt",
    "cautions",
    "changed_keys",
    "describe",
    "find_config",
    "load",
]
