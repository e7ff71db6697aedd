"""The daemon on a terminal: progress while it reads, then the groups, then what changes."""

import json
import os
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from shutil import which
from threading import Thread

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simd.core.answers import GroupPage
from simd.core.encoding import encode
from simd.core.errors import SimdError
from simd.core.questions import GroupOptions
from simd.render.groups import groups as render_groups
from simd.render.groups import totals
from simd.render.style import Style, wants_colour
from simd.runtime.broadcast import Notice, Subscription
from simd.service import Service

FIRST_SCAN_SECONDS = 7 * 86_400.0
GROUPS_SHOWN = 50
QUIET_SECONDS = 1.0


def follow(service: Service, socket: Path) -> None:
    """Tell standard error what is being read and standard output what was found.

    Returns when the daemon stops.
    """
    subscription = service.subscribe()
    try:
        _show_first_scan(service, subscription)
        if subscription.closed:
            return
        _print_groups(service)
        _say_what_to_ask(socket)
        _tell_changes(service, subscription)
    except SimdError as error:
        click.echo(f"simd: {error.message}", err=True)
    finally:
        service.unsubscribe(subscription)


def _show_first_scan(service: Service, subscription: Subscription) -> None:
    synced = _in_background(service)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("looking", total=None)
        while not synced.done() and not subscription.closed:
            for notice in subscription.take(0.1):
                if notice.event == "progress":
                    done, total, name = _reading(notice)
                    progress.update(task, completed=done, total=total, description=name)
        if subscription.closed:
            return
        progress.update(task, description="up to date")
    synced.result()


def _reading(notice: Notice) -> tuple[int, int | None, str]:
    name = "looking" if notice.data["phase"] == "sweep" else "reading"
    return notice.data["done"], notice.data["total"], name


def _in_background(service: Service) -> Future[None]:
    future: Future[None] = Future()

    def wait() -> None:
        try:
            service.sync(FIRST_SCAN_SECONDS)
        except SimdError as error:
            future.set_exception(error)
        else:
            future.set_result(None)

    Thread(target=wait, name="first-scan", daemon=True).start()
    return future


def _page(service: Service) -> GroupPage:
    return service.groups(GroupOptions(limit=GROUPS_SHOWN))


def _print_groups(service: Service) -> None:
    style = Style(colour=wants_colour(is_terminal=sys.stdout.isatty(), environ=os.environ))
    page = json.loads(encode(_page(service)))
    click.echo(f"{render_groups(page, style)}\n\n{totals(page)}")
    if page["next_cursor"] is not None:
        click.echo(f"Shown are the {GROUPS_SHOWN} groups that free the most.")
    unreadable = service.status().problems.count
    if unreadable:
        click.echo(f"{unreadable} files could not be read: simctl problems says why.")


def _say_what_to_ask(socket: Path) -> None:
    simctl = f"{_simctl()} --socket {_short(socket)}"
    click.echo(
        f"\nWatching. Ask in another terminal, for example:\n"
        f"  {simctl} status\n"
        f"  {simctl} query PICTURE --transforms\n"
        f"  {simctl} groups --kind identical\n"
        f"Ctrl-C stops the daemon.",
    )


def _simctl() -> str:
    """The client's name, with its folder when the shell would not find it."""
    beside = Path(sys.executable).with_name("simctl")
    return "simctl" if which("simctl") or not beside.exists() else _short(beside)


def _short(path: Path) -> str:
    """A path as somebody in the working folder would type it."""
    return os.fspath(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else os.fspath(path)


def _tell_changes(service: Service, subscription: Subscription) -> None:
    """One line after each quiet second that follows a change of the groups."""
    changed_at: float | None = None
    while not subscription.closed:
        if any(notice.event == "groups" for notice in subscription.take(0.2)):
            changed_at = time.monotonic()
        if changed_at is not None and time.monotonic() - changed_at >= QUIET_SECONDS:
            changed_at = None
            click.echo(f"now {totals(json.loads(encode(_page(service))))}")
