"""Small programs in the place of systemctl, journalctl, loginctl and launchctl, and what they were asked."""

from dataclasses import dataclass
from pathlib import Path

SYSTEMCTL = r"""#!/bin/sh
echo "systemctl $*" >> "$FAKE/calls"
unit="$HOME/.config/systemd/user/simd.service"
if [ -e "$FAKE/no-bus" ]; then echo "Failed to connect to bus: No medium found" >&2; exit 1; fi
case "$2" in
show)
    if [ -e "$unit" ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
    echo "ActiveState=$(cat "$FAKE/state")"
    if [ -e "$FAKE/enabled" ]; then echo UnitFileState=enabled; fi
    echo MainPID=7
    echo ExecMainStatus=5
    echo "StatusText=opening the catalogue" ;;
enable) [ -e "$unit" ] && touch "$FAKE/enabled" ;;
disable) rm -f "$FAKE/enabled"; echo inactive > "$FAKE/state" ;;
start|restart)
    if [ -e "$FAKE/broken" ]; then
        echo failed > "$FAKE/state"; echo "Job for simd.service failed." >&2; exit 1
    fi
    echo active > "$FAKE/state" ;;
stop) echo inactive > "$FAKE/state" ;;
esac
"""

JOURNALCTL = r"""#!/bin/sh
echo "journalctl $*" >> "$FAKE/calls"
echo "simd.daemon: one"
echo "simd: the catalogue is locked"
case "$*" in *--identifier=simd*) echo "hint: end the other one" ;; esac
"""

LOGINCTL = r"""#!/bin/sh
echo "loginctl $*" >> "$FAKE/calls"
echo no
"""

LAUNCHCTL = r"""#!/bin/sh
echo "launchctl $*" >> "$FAKE/calls"
case "$1" in
print) [ -e "$FAKE/loaded" ] || exit 113; printf '\tstate = running\n\tpid = 7\n' ;;
bootstrap) touch "$FAKE/loaded" ;;
bootout) rm -f "$FAKE/loaded" ;;
esac
"""

PROGRAMS = {
    "systemctl": SYSTEMCTL,
    "journalctl": JOURNALCTL,
    "loginctl": LOGINCTL,
    "launchctl": LAUNCHCTL,
}


@dataclass(frozen=True)
class FakeManager:
    """A service manager that keeps one service in files.

    Attributes:
        folder: its files; ``no-bus`` makes it unreachable, ``broken`` makes the daemon fail.
        home: the user's home folder.
    """

    folder: Path
    home: Path

    @property
    def unit(self) -> Path:
        """Where the user unit belongs."""
        return self.home / ".config/systemd/user/simd.service"

    @property
    def config(self) -> Path:
        """Where the settings belong."""
        return self.home / ".config/simd/simd.yaml"

    def set(self, name: str) -> None:
        """Switch something on."""
        (self.folder / name).touch()

    def changes(self) -> list[str]:
        """What it was asked to change, in order."""
        lines = (self.folder / "calls").read_text().splitlines() if (self.folder / "calls").exists() else []
        asking = (" show ", "loginctl", "journalctl", "launchctl print")
        return [
            line.removeprefix("systemctl --user ")
            for line in lines
            if not any(word in line for word in asking)
        ]


def fake_manager(folder: Path) -> FakeManager:
    """Lay out the programs in ``folder/bin``, and a home beside them."""
    for name in ("bin", "fake", "home"):
        (folder / name).mkdir()
    for name, script in PROGRAMS.items():
        (folder / "bin" / name).write_text(script)
        (folder / "bin" / name).chmod(0o755)
    (folder / "fake/state").write_text("inactive\n")
    return FakeManager(folder / "fake", folder / "home")
