"""``python -m bench.install``: the tools to compare with, those that can be installed here.

They are the extra ``bench`` of ``pyproject.toml``. They are installed one by one, because an extra as a
whole fails with its first part that is not made for this system.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def main() -> None:
    """Install what can be; say what cannot."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    for peer in project["project"]["optional-dependencies"]["bench"]:
        if subprocess.run([*PIP, peer], check=False).returncode:
            print(f"{peer} cannot be installed here: what is compared with it will be skipped")


if __name__ == "__main__":
    main()
