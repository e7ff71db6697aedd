"""Files that are no pictures, or only look like some: told, retried when they change, and harmless."""

import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from simd.client.request import JSON_TYPE, request
from simd.core.errors import NotFound, UnreadableImage
from simd.imaging import drawing
from tests.daemon.running import PATIENCE, RunningDaemon, ending

BOMB_SIDE = 30_000
MUTATIONS = 200
FUZZED = ("jpg", "png", "webp", "gif", "tif", "bmp", "avif")
GOOD = ("good-1.jpg", "good-2.png", "good-3.webp", "folder.jpg/good-4.jpg", "zz/good-5.gif")


@dataclass(frozen=True)
class Bad:
    """A file that cannot be catalogued as a picture.

    Attributes:
        make: puts it at a path.
        code, reason: what ``problems`` says of it.
    """

    name: str
    make: Callable[[Path], object]
    code: str
    reason: str


def picture(seed: int, side: int = 160) -> Image.Image:
    """A small drawn picture."""
    return drawing.landscape(seed, side, side * 3 // 4)


def truncate(path: Path) -> None:
    """A JPEG that ends in the middle."""
    drawing.save(picture(90, 640), path, quality=90)
    os.truncate(path, path.stat().st_size // 2)


def bomb(path: Path) -> None:
    """A valid PNG of one bit a pixel: 110 kB that unfold to 900 megapixels."""
    packer = zlib.compressobj(1)
    row = bytes(1 + BOMB_SIDE // 8)
    data = b"".join(packer.compress(row) for _ in range(BOMB_SIDE)) + packer.flush()
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def forbid(path: Path) -> None:
    """A good picture that may not be read."""
    drawing.save(picture(91), path)
    path.chmod(0)


NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file, whatever its permissions")
NO_PICTURE = "It is not a picture in a supported format."

BAD = (
    Bad("truncated.jpg", truncate, "truncated", "It ends before the picture is complete."),
    Bad("empty.jpg", lambda path: path.write_bytes(b""), "empty", "It is empty."),
    Bad(
        "poster.jpg", lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n"), "not-an-image", NO_PICTURE
    ),
    Bad("notes.png", lambda path: path.write_text("Notes.\n"), "not-an-image", NO_PICTURE),
    Bad(
        "header.png",
        lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\nnothing that follows makes sense"),
        "corrupt",
        "It begins like a PNG file, but its header cannot be read.",
    ),
    Bad("bomb.png", bomb, "too-large", "It has 900 megapixels; at most 300 are decoded."),
    Bad(
        os.fsdecode(b"not-utf8-\xff.jpg"),
        lambda path: path.write_text("Notes.\n"),
        "not-an-image",
        NO_PICTURE,
    ),
)
FORBIDDEN = Bad("denied.jpg", forbid, "permission-denied", "Its permissions do not let simd read it.")
LISTED = BAD if os.geteuid() == 0 else (*BAD, FORBIDDEN)
EACH = pytest.mark.parametrize(
    "bad", [*BAD, pytest.param(FORBIDDEN, marks=NOT_ROOT)], ids=lambda bad: bad.code + "-" + ascii(bad.name)
)


def make_no_files(photos: Path) -> None:
    """Things with the names of pictures that are no files at all."""
    os.mkfifo(photos / "pipe.jpg")
    (photos / "dangling.jpg").symlink_to(photos / "nowhere.jpg")
    (photos / "link.jpg").symlink_to(photos / GOOD[0])


@pytest.fixture(scope="module")
def daemon(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon that has read a folder of good and bad files."""
    started = RunningDaemon(shared_place / "simd", shared_place / "photos")
    photos = started.roots[0]
    for bad in LISTED:
        bad.make(photos / bad.name)
    for seed, name in enumerate(GOOD):
        drawing.save(picture(seed), photos / name)
    make_no_files(photos)
    with ending(started):
        started.start()
        started.sync()
        yield started


def assert_healthy(daemon: RunningDaemon) -> None:
    """Nothing hangs, nothing waits, and the daemon says that it is ready."""
    status = daemon.status()
    assert "ready" == status["state"]
    assert {"settling": 0, "waiting": 0, "decoding": 0} == status["queue"]
    assert [] == status["problems"]["notes"]
    assert 0 == daemon.metric("simd_pool_restarts_total")


def http_status(daemon: RunningDaemon, path: Path) -> int:
    """The HTTP status of a query."""
    body = b'{"path": "%s"}' % os.fsencode(path)
    reply = daemon.client._ask([request("POST", "/v1/query", JSON_TYPE, len(body)) + body], PATIENCE)
    try:
        return reply.head.status
    finally:
        reply.close()


class TestListing:
    """One row for each bad file, and the good ones beside them."""

    def test_every_bad_file_has_one_row_with_its_reason(self, daemon: RunningDaemon) -> None:
        """What is no file at all has none."""
        listed = daemon.client.get("/v1/problems", {"limit": 1_000})["problems"]
        top = [problem for problem in listed if daemon.name(problem["path"]).count("/") == 0]
        shown = {bad.name.encode(errors="surrogateescape"): (bad.code, bad.reason) for bad in LISTED}
        expected = {name.decode(errors="backslashreplace"): said for name, said in shown.items()}
        assert len(expected) == len(top)
        assert expected == {daemon.name(p["path"]): (p["code"], p["reason"]) for p in top}

    def test_a_name_that_is_not_utf8_carries_its_bytes(self, daemon: RunningDaemon) -> None:
        """And only such a name."""
        encoded = {name for name, problem in daemon.problems().items() if problem.get("path_b64")}
        assert {"not-utf8-\\xff.jpg"} == encoded

    @pytest.mark.parametrize("name", GOOD)
    def test_the_good_files_are_catalogued(self, daemon: RunningDaemon, name: str) -> None:
        """In a folder that is called like a picture, too."""
        assert [name] == [daemon.name(file["path"]) for file in daemon.image(daemon.roots[0] / name)["files"]]

    def test_the_daemon_is_healthy(self, daemon: RunningDaemon) -> None:
        """Bad files are no fault of the daemon."""
        assert_healthy(daemon)


class TestQueries:
    """A question about a bad file is refused with the reason that ``problems`` gives."""

    @EACH
    def test_a_query_of_a_bad_file_is_refused_with_the_same_reason(
        self, daemon: RunningDaemon, bad: Bad
    ) -> None:
        """Over the socket and on the command line, where the exit code is 4."""
        path = daemon.roots[0] / bad.name
        done = daemon.simctl("query", os.fspath(path))
        assert (4, b"") == (done.returncode, done.stdout)
        assert bad.reason.encode() in done.stderr
        if bad.name.isprintable():
            assert 422 == http_status(daemon, path)

    def test_what_is_no_file_is_refused_at_once(self, daemon: RunningDaemon) -> None:
        """A pipe would block whoever opens it; a folder is no picture."""
        for name in ("pipe.jpg", "folder.jpg"):
            with pytest.raises(UnreadableImage, match=f"{name}: It is not a regular file"):
                daemon.query(daemon.roots[0] / name)

    def test_a_link_to_nothing_is_not_found_and_a_link_to_a_picture_is_followed(
        self, daemon: RunningDaemon
    ) -> None:
        """Whoever asks about a link means what it leads to."""
        photos = daemon.roots[0]
        with pytest.raises(NotFound, match="nothing stands at this path"):
            daemon.query(photos / "dangling.jpg")
        assert [GOOD[0]] == [daemon.name(m["path"]) for m in daemon.query(photos / "link.jpg")["matches"]]


class TestRetries:
    """Bad files are tried again when they change, or on request, and never otherwise."""

    def test_a_problem_follows_the_file(self, daemon: RunningDaemon) -> None:
        """Another fault, another reason; a good picture ends it, and its loss begins it anew."""
        path = daemon.roots[0] / "retries" / "changing.jpg"
        path.parent.mkdir()
        reasons = []
        for content in (b"", b"Notes.\n", (daemon.roots[0] / GOOD[0]).read_bytes(), b"Other notes.\n"):
            path.write_bytes(content)
            daemon.sync()
            problem = daemon.problems().get("retries/changing.jpg")
            reasons.append(problem and problem["reason"])
        assert ["It is empty.", NO_PICTURE, None, NO_PICTURE] == reasons
        with pytest.raises(NotFound, match=NO_PICTURE):
            daemon.image(path)

        path.unlink()
        daemon.sync()
        assert "retries/changing.jpg" not in daemon.problems()

    def test_a_sweep_leaves_unchanged_bad_files_alone(self, daemon: RunningDaemon) -> None:
        """They cost nothing more than good ones."""
        before = daemon.problems()
        daemon.scan()
        assert before == daemon.problems()

    def test_a_retry_reads_every_bad_file_again_and_counts(self, daemon: RunningDaemon) -> None:
        """Since when a file is bad does not change by that."""
        before = daemon.problems()
        assert len(before) == daemon.client.post("/v1/problems/retry")["retried"]
        daemon.sync()
        expected = {name: {**row, "retried": row["retried"] + 1} for name, row in before.items()}
        assert expected == daemon.problems()

    def test_files_that_vanish_before_they_are_read_leave_nothing(self, daemon: RunningDaemon) -> None:
        """Neither a problem nor a file."""
        folder = daemon.roots[0] / "vanishing"
        folder.mkdir()
        present = daemon.status()["files"]["present"]
        for number in range(50):
            drawing.save(picture(number, 32), folder / f"{number}.png")
            (folder / f"{number}.png").unlink()
        daemon.sync()
        assert present == daemon.status()["files"]["present"]
        assert [] == [name for name in daemon.problems() if name.startswith("vanishing/")]
        assert_healthy(daemon)


def mutated(dice: random.Random, data: bytes) -> bytes:
    """The bytes with some of them changed, cut out, doubled or cut off."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(changed))
        # Headers decide most, and are small: hit them more often than chance would.
        place = place if dice.random() < 0.7 else place % 64
        kind = dice.randrange(5)
        if kind == 0:
            del changed[place : place + dice.randint(1, 40)]
        elif kind == 1:
            changed[place:place] = changed[place : place + dice.randint(1, 40)]
        elif kind == 2 and place > 64:
            del changed[place:]
        else:
            changed[place : place + 4] = dice.randbytes(dice.randint(1, 4))
        if not changed:
            break
    return bytes(changed)


def test_every_mutation_of_a_picture_ends_as_an_image_or_a_problem(
    daemon: RunningDaemon, tmp_path: Path
) -> None:
    """Whatever the decoders make of it, nothing is lost, hangs or stays behind."""
    dice = random.Random(2)  # noqa: S311 - mutations, not secrets
    folder = daemon.roots[0] / "fuzz"
    folder.mkdir()
    originals = []
    for seed, extension in enumerate(FUZZED):
        original = tmp_path / f"original.{extension}"
        drawing.save(picture(seed, 96), original)
        originals.append(original.read_bytes())
    for number in range(MUTATIONS):
        kind = number % len(FUZZED)
        (tmp_path / "made").write_bytes(mutated(dice, originals[kind]))
        shutil.move(tmp_path / "made", folder / f"{number}.{FUZZED[kind]}")

    daemon.sync()

    problems = {name for name in daemon.problems() if name.startswith("fuzz/")}
    files = {f"fuzz/{path.name}" for path in folder.iterdir()}
    pictures = files - problems
    assert MUTATIONS == len(files)
    assert problems <= files
    for name in pictures:
        assert name in {daemon.name(file["path"]) for file in daemon.image(daemon.roots[0] / name)["files"]}
    assert min(len(problems), len(pictures)) > MUTATIONS // 10
    assert_healthy(daemon)
