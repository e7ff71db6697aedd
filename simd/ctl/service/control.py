"""Starting, stopping and looking at the service that is installed."""

import subprocess
import sys

from simd.core.errors import Failed, WrongUsage
from simd.ctl.call import Call
from simd.ctl.service.ground import Ground, ground
from simd.render.service import status as view
from simd.system.units.plan import UnitState


def start(call: Call) -> int:
    """Start the daemon and wait until it is ready."""
    here = ground(call)
    here.demand()
    here.do(here.manager.start(here.report()))
    return _tell(here, "simd is running.")


def stop(call: Call) -> int:
    """Stop the daemon and wait for its end."""
    here = ground(call)
    here.demand()
    here.do(here.manager.stop(here.report()))
    return _tell(here, "simd is stopped until the next log-in, or: simctl service start")


def restart(call: Call) -> int:
    """Stop the daemon if it runs, start it, and wait until it is ready."""
    here = ground(call)
    here.demand()
    here.do(here.manager.restart(here.report()))
    return _tell(here, "simd is running anew.")


def status(call: Call) -> int:
    """How the service is; 1 when it does not run."""
    here = ground(call)
    report = here.report()
    described = here.described(report)
    if call.output.as_json:
        call.output.json({"service": described})
    else:
        call.output.text(view(described, call.output.style))
    return int(report.state is not UnitState.RUNNING)


def logs(call: Call) -> int:
    """The newest messages, and those that follow."""
    here = ground(call)
    here.demand()
    count, follow = call.arguments.lines, call.arguments.follow
    if call.output.as_json:
        if follow:
            raise WrongUsage(
                "--json is one object, and --follow has no end", hint="leave one of the two away"
            )
        call.output.json({"lines": here.last_lines(count)})
        return 0
    sys.stdout.flush()
    step = here.manager.lines(count, follow=follow)
    try:
        ended = subprocess.run(step.words, env=dict(here.environ), check=False)  # noqa: S603 - our own words
    except OSError as error:
        raise Failed(f"{step.words[0]} cannot be run: {error.strerror}") from error
    if ended.returncode not in step.accepted:
        raise Failed(f"the messages cannot be read: {step.words[0]} ended with {ended.returncode}")
    return 0


def _tell(here: Ground, text: str) -> int:
    if here.call.output.as_json:
        here.call.output.json({"service": here.described(here.report())})
    else:
        here.call.output.text(text)
    return 0
