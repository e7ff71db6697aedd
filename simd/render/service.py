"""The service: how it is, what was installed, what would be done, what is left."""

from collections.abc import Sequence

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import escape

COLOURS = {
    "running": "green",
    "failed": "red",
    "starting": "yellow",
    "stopping": "yellow",
    "stopped": "yellow",
}

LINGER = "it stops when you log out; to keep it running: loginctl enable-linger"


def status(service: Json, style: Style) -> str:
    """The service at a glance, and what to do where there is something to do."""
    if not service["installed"]:
        return "simd is not installed as a service; to do so: simctl service install PHOTOS"
    word = style.paint(service["state"], COLOURS.get(service["state"]))
    process = f", process {service['pid']}" if service["pid"] else ""
    detail = f": {escape(service['detail'])}" if service["detail"] else ""
    start = "starts at every log-in" if service["enabled"] else "does not start at log-in"
    rows: list[list[Cell]] = [
        ["unit", f"{escape(service['unit'])} ({start})"],
        ["log", escape(service["log"])],
    ]
    lines = [f"simd is {word} under {service['manager']}{process}{detail}", "", table(rows, style)]
    if service["state"] == "failed":
        lines += ["", "Its last messages: simctl service logs"]
    elif service["state"] == "stopped":
        lines += ["", "To start it: simctl service start"]
    if service["lingering"] is False and service["manager"] == "systemd":
        lines += ["", f"Note: {LINGER}"]
    return "\n".join(lines)


def installed(answer: Json, style: Style) -> str:
    """What is there now, and what to do next."""
    config, service = answer["config"], answer["service"]
    rows: list[list[Cell]] = [["watched", escape(root)] for root in config["roots"]]
    written = " (written)" if config["written"] else ""
    kept = f"; the old one is {escape(config['kept'])}" if config["kept"] else ""
    rows += [
        ["settings", f"{escape(config['path'])}{written}{kept}"],
        ["unit", escape(service["unit"])],
        ["log", escape(service["log"])],
    ]
    process = f" (process {service['pid']})" if service["pid"] else ""
    steps: list[list[Cell]] = [[escape(step["command"]), escape(step["why"])] for step in answer["next"]]
    state = style.paint("running", "green")
    return "\n".join(
        [
            f"simd is {state}{process}, and starts at every log-in.",
            "",
            table(rows, style),
            "",
            "Next:",
            table(steps, style, indent="  "),
        ]
    )


def uninstalled(answer: Json, style: Style) -> str:
    """What is left, and where."""
    left = answer["left"]
    rows: list[list[Cell]] = [["settings", escape(left["config"])], ["catalogue", escape(left["state_dir"])]]
    rows += [["pictures", escape(root)] for root in left["roots"]]
    return f"simd is no service any more. Nothing else was touched:\n\n{table(rows, style)}"


def planned(steps: Sequence[Json], style: Style) -> str:
    """What an installation would do, step by step."""
    return "\n\n".join(_step(step, style) for step in steps) + "\n\nNothing was done."


def _step(step: Json, style: Style) -> str:
    if "run" in step:
        return style.paint("run", "bold") + " " + escape(" ".join(step["run"]))
    if "content" not in step:
        return style.paint("make folder", "bold") + " " + escape(step["folder"])
    body = "\n".join(f"    {escape(line)}" for line in step["content"].splitlines())
    return f"{style.paint('write', 'bold')} {escape(step['write'])}\n{body}"
