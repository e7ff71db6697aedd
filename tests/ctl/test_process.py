"""simctl as a process: what it loads, and how it ends when it is cut short."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.client.canned import Canned, CannedServer, Question
from tests.render import samples

START = "import sys; from simd.ctl import main; sys.exit(main())"
MODULES = """
import sys
before = set(sys.modules)
import json, re
from simd.ctl import main
code = main()
print(json.dumps([code, sorted(set(sys.modules) - before)]), file=sys.stderr)
"""

STANDARD = frozenset(
    {
        "argparse",
        "array",
        "base64",
        "binascii",
        "collections",
        "copyreg",
        "enum",
        "errno",
        "functools",
        "gettext",
        "importlib",
        "itertools",
        "json",
        "keyword",
        "linecache",
        "locale",
        "math",
        "operator",
        "re",
        "reprlib",
        "select",
        "selectors",
        "shutil",
        "socket",
        "struct",
        "tokenize",
        "types",
        "unicodedata",
        "warnings",
        "weakref",
    }
)
"""What of the standard library a call may load: socket, json, argparse, base64, and what these load."""

OURS = frozenset(
    {
        "simd",
        "simd.client",
        "simd.client.events",
        "simd.client.http",
        "simd.client.locate",
        "simd.client.patience",
        "simd.client.refusals",
        "simd.client.reply",
        "simd.client.request",
        "simd.core",
        "simd.core.errors",
        "simd.core.wire",
        "simd.ctl",
        "simd.ctl.call",
        "simd.ctl.entry",
        "simd.ctl.output",
        "simd.ctl.parser",
        "simd.render",
        "simd.render.style",
        "simd.render.table",
        "simd.render.words",
    }
)
"""What of simd every call loads."""


def start(server: CannedServer, *words: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """A running simctl."""
    # Whoever runs the tests in the background may have us ignore Ctrl-C, which a child would take over.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-c", START, "--socket", server.path, *words]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("line", "own"),
    [
        (
            ["status"],
            {
                "simd.ctl.machine",
                "simd.render.holds",
                "simd.render.reports",
                "simd.render.status",
                "simd.render.verdict",
            },
        ),
        (
            ["query", "x"],
            {
                "simd.core.display",
                "simd.ctl.search",
                "simd.ctl.subjects",
                "simd.ctl.words",
                "simd.render.query",
                "simd.render.pictures",
            },
        ),
    ],
    ids=["status", "query"],
)
def test_a_call_loads_nothing_heavy(server: CannedServer, line: list[str], own: set[str]) -> None:
    """A whole call loads the modules of these lists and no other: no typing, rich, numpy, logging."""
    server.answers["GET", "/v1/status"] = Canned(samples.status())
    server.answers["POST", "/v1/query"] = Canned(samples.query(samples.match()))
    done = subprocess.run(
        [sys.executable, "-I", "-c", MODULES, "--socket", server.path, *line], capture_output=True, check=True
    )
    code, loaded = json.loads(done.stderr)
    assert 0 == code
    ours = {name for name in loaded if name.partition(".")[0] == "simd"}
    assert OURS | own == ours
    tops = {name.partition(".")[0] for name in loaded} - {"simd"}
    assert set() == {name for name in tops if not name.startswith("_")} - STANDARD


def test_a_reader_that_leaves_ends_it_quietly(server: CannedServer) -> None:
    """``simctl groups | head -0``: no traceback, and the exit code of SIGPIPE."""
    server.answers["GET", "/v1/groups"] = Canned(samples.groups(samples.group(samples.member("/p/b"))))
    for words in (["groups"], ["groups", "--json"], ["groups", "-0"]):
        reading, writing = os.pipe()
        os.close(reading)
        process = start(server, *words, stdout=writing)
        os.close(writing)
        _, err = process.communicate(timeout=20)
        assert (141, b"") == (process.returncode, err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told(server: CannedServer) -> None:
    """An answer that cannot be written is a failure with its reason."""
    server.answers["GET", "/v1/status"] = Canned(samples.status())
    with Path("/dev/full").open("wb") as full:
        process = start(server, "status", stdout=full.fileno())
        _, err = process.communicate(timeout=20)
    assert (5, b"simctl: No space left on device\n") == (process.returncode, err)


def test_interrupting_ends_it_quietly(server: CannedServer) -> None:
    """Ctrl-C while the daemon works: no traceback, and the exit code of SIGINT."""
    asked, done = Event(), Event()

    def wait(_question: Question) -> Canned:
        asked.set()
        done.wait(20)
        return Canned({})

    server.answers["POST", "/v1/sync"] = wait
    process = start(server, "sync")
    assert asked.wait(20)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    done.set()
    assert (130, b"", b"") == (process.returncode, out, err)


def test_a_poor_encoding_stops_nothing(server: CannedServer) -> None:
    """Where standard output cannot show a name, it shows it escaped."""
    server.answers["POST", "/v1/query"] = Canned(samples.query(samples.match("/p/世.jpg")))
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "SIMD_SOCKET": server.path}
    done = subprocess.run(
        [sys.executable, "-c", START, "query", "x"], env=environ, capture_output=True, check=False
    )
    assert (0, b"", True) == (done.returncode, done.stderr, b"/p/\\u4e16.jpg" in done.stdout)
