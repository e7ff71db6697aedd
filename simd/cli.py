"""The command line of `simd`: run the daemon, check its settings, draw the demonstration."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from simd import __version__
from simd.config import Settings, cautions, find_config, load
from simd.core.errors import SimdError
from simd.render.words import count

CONFIG = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="simd")
def cli() -> None:
    """The daemon that knows your duplicate images."""


@cli.command(epilog="Example: simd run --root ~/Pictures --show")
@CONFIG
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder to watch; may be repeated.",
)
@click.option("--state-dir", type=click.Path(path_type=Path), help="Where the catalogue is kept.")
@click.option("--socket", type=click.Path(path_type=Path), help="Where to listen.")
@click.option("--show", is_flag=True, help="Show progress on the terminal, then the duplicate groups.")
def run(
    config: Path | None, roots: tuple[Path, ...], state_dir: Path | None, socket: Path | None, *, show: bool
) -> None:
    """Run the daemon in the foreground until it is interrupted."""
    flags = {"roots": roots or None, "state_dir": state_dir, "socket": socket}
    settings = _settings(config, flags)
    from simd.startup import run as run_daemon  # noqa: PLC0415 - a wrong flag need not wait for it

    run_daemon(settings, lambda: load(config, flags), show=show)


@cli.command("check-config", epilog="Example: simd check-config --config simd.yaml")
@CONFIG
def check_config(config: Path | None) -> None:
    """Check the settings and report every error at once."""
    settings = _settings(config, {})
    for caution in cautions(settings, find_config(config, os.environ)):
        click.echo(f"note: {caution}", err=True)
    folders = count(len(settings.roots), "folder")
    click.echo(f"The settings are sound: {folders} to watch, state in {settings.state_dir}.")


@cli.command(epilog="Example: simd demonstrate /tmp/library")
@click.argument("folder", type=click.Path(path_type=Path))
def demonstrate(folder: Path) -> None:
    """Draw a small photo library with every kind of duplicate, to try simd on."""
    from simd.demonstration import draw_library  # noqa: PLC0415 - Pillow loads slowly

    library = draw_library(folder)
    click.echo(
        f"Drew a demonstration library of {len(library.groups)} groups of duplicates in {folder}.", err=True
    )


def _settings(config: Path | None, overrides: Mapping[str, object]) -> Settings:
    settings = load(config, overrides)
    if not settings.roots:
        click.echo("note: no folder is configured; give --root or a config file with roots", err=True)
    return settings


def main() -> None:
    """Run the command line; errors go to standard error with their hint."""
    try:
        cli(prog_name="simd")
    except SimdError as error:
        click.echo(f"simd: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
