"""Where the units and the agent lie that are shipped with simd."""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[2]

USER_UNIT = Path("systemd/user/simd.service")
SYSTEM_UNIT = Path("systemd/system/simd.service")
AGENT = Path("launchd/local.simd.plist")


def template(name: Path) -> Path:
    """The file of that name: inside an installed package, beside it in a checkout."""
    installed = _PACKAGE / name
    return installed if installed.is_file() else _PACKAGE.parent / name
