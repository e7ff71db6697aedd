"""The built wheel works where there is no checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from simd import __version__

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """What was built, and where it was installed."""

    archive: Path
    wheel: Path
    place: Path
    elsewhere: Path

    def run(self, *command: str | Path) -> str:
        """What a command prints; the installed package is the only simd it can find first."""
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("SIMD_", "PYTHON"))
        }
        environ |= {"PYTHONPATH": str(self.place), "HOME": str(self.elsewhere)}
        ran = subprocess.run(
            command, env=environ, cwd=self.elsewhere, capture_output=True, text=True, check=False
        )
        assert (0, "") == (ran.returncode, ran.stderr)
        return ran.stdout

    def python(self, code: str, *arguments: str | Path) -> str:
        """What a program prints."""
        return self.run(sys.executable, "-c", code, *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds the source archive, the wheel from it, and installs that."""
    built, place, elsewhere = (tmp_path_factory.mktemp(name) for name in ("dist", "site", "elsewhere"))
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), str(CHECKOUT)]
    subprocess.run(build, check=True, capture_output=True, cwd=elsewhere)
    wheel, archive = next(built.glob("*.whl")), next(built.glob("*.tar.gz"))
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", place, wheel], check=True, capture_output=True, cwd=elsewhere)
    return Installed(archive, wheel, place, elsewhere)


def test_wheel_carries_the_package_alone(installed: Installed) -> None:
    """Every module and revision is in the wheel, and nothing that belongs to the checkout."""
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    modules = {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "simd").rglob("*.py")}
    revisions = {f"simd/{path.relative_to(CHECKOUT)}" for path in (CHECKOUT / "migrations").rglob("*.py")}
    assert set() == (modules | revisions) - names
    assert {"simd/simd.example.yaml", "simd/migrations/script.py.mako"} <= names
    units = {
        f"simd/{path.relative_to(CHECKOUT)}"
        for folder in ("systemd", "launchd")
        for path in (CHECKOUT / folder).rglob("*.*")
    }
    assert units
    assert set() == units - names
    assert {"simd", f"simd-{__version__}.dist-info"} == {name.split("/")[0] for name in names}


def test_source_archive_leaves_the_workshop_behind(installed: Installed) -> None:
    """The archive has sources, tests and revisions, and neither an environment nor a catalogue."""
    with tarfile.open(installed.archive) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"simd", "migrations", "tests", "pyproject.toml", "simd.example.yaml"} <= tops
    assert set() == tops & {".venv", ".run", ".git", "build", "dist"}


def test_every_module_can_be_imported(installed: Installed) -> None:
    """All of the installed package loads, from where it was installed."""
    code = """
import importlib, pkgutil, sys
import simd
assert simd.__file__.startswith(sys.argv[1]), simd.__file__
for module in pkgutil.walk_packages(simd.__path__, "simd."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(simd.__version__)
"""
    assert f"{__version__}\n" == installed.python(code, installed.place)


def test_catalogue_is_made_by_the_shipped_revisions(installed: Installed) -> None:
    """The revisions are found inside the installed package, and a new catalogue is made from them."""
    code = """
import sys
from importlib.resources import files
from pathlib import Path
from simd.catalogue import Catalogue
from simd.catalogue.migrate import migrations_folder
from simd.runtime.clock import SystemClock
assert files("simd").joinpath("migrations/env.py").is_file()
print(migrations_folder())
Catalogue.open(Path(sys.argv[1]), SystemClock()).close()
"""
    folder = installed.elsewhere / "catalogue"
    folder.mkdir()
    assert f"{installed.place}/simd/migrations\n" == installed.python(code, folder)
    assert (folder / "catalogue.db").stat().st_size > 0


def test_units_are_found(installed: Installed) -> None:
    """The installed package finds its own units, and writes them with its own programs."""
    code = """
from pathlib import Path
from simd.system.units.plan import UnitReport, UnitState
from simd.system.units.programs import program
from simd.system.units.systemd import Systemd
import sys
plan = Systemd(Path("/c")).install(
    program(Path("/s"), {}, sys.argv[1] + "/bin/simctl"), UnitReport(state=UnitState.ABSENT)
)
print(next(line for line in plan[0].content.decode().splitlines() if line.startswith("ExecStart")))
"""
    assert f'ExecStart="{installed.place}/bin/simd" "run"\n' == installed.python(code, installed.place)


def test_example_is_shipped_and_sound(installed: Installed) -> None:
    """The example beside the package is the one of the checkout and passes ``simd check-config``."""
    example = installed.place / "simd/simd.example.yaml"
    assert (CHECKOUT / "simd.example.yaml").read_bytes() == example.read_bytes()
    code = f"""
from simd.config import load
from pathlib import Path
print(load(Path({str(example)!r}), {{}}, {{}}) == load(None, {{}}, {{}}))
"""
    assert "True\n" == installed.python(code)


@pytest.mark.parametrize("program", ["simd", "simctl"])
def test_programs_start(installed: Installed, program: str) -> None:
    """Both programs are installed and explain themselves."""
    said = installed.run(installed.place / "bin" / program, "--help")
    assert said.lower().startswith(f"usage: {program}")
