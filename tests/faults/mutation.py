"""A seeded fuzzer of pictures: small originals in many formats, and what becomes of them."""

import io
import os
import random
import struct
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from simd.imaging import drawing

PNG_SIGN = b"\x89PNG\r\n\x1a\n"
HEAD = 64
"""Most decisions of a decoder fall within so many bytes."""

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at which counters and sizes overflow."""

LARGE_SIDE = 17_000
"""Its square is 289 megapixels: within the limit of pixels, in some formats beyond the memory of a worker."""

SCANS = 400

Writer = Callable[[Image.Image, io.BytesIO], None]
Mutation = Callable[[random.Random, bytearray], None]


@dataclass(frozen=True, slots=True)
class Original:
    """A good picture, and the ending of its name."""

    extension: str
    content: bytes


def _saved(kind: str, **options: object) -> Writer:
    def write(picture: Image.Image, stream: io.BytesIO) -> None:
        picture.save(stream, kind, **options)

    return write


def _animated(kind: str, **options: object) -> Writer:
    def write(picture: Image.Image, stream: io.BytesIO) -> None:
        frames = [drawing.mirrored(picture), picture.rotate(90)]
        picture.save(stream, kind, save_all=True, append_images=frames, **options)

    return write


def _in_mode(mode: str, write: Writer) -> Writer:
    return lambda picture, stream: write(picture.convert(mode), stream)


def _with_exif(write_to: str) -> Writer:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Maker", "Model"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 10:11:12"
    return _saved(write_to, exif=exif)


WRITERS: Mapping[str, tuple[Writer, ...]] = {
    "jpg": (
        _saved("JPEG", quality=80),
        _saved("JPEG", progressive=True, optimize=True),
        _in_mode("L", _saved("JPEG")),
        _in_mode("CMYK", _saved("JPEG")),
        _with_exif("JPEG"),
    ),
    "png": (
        _saved("PNG"),
        _in_mode("P", _saved("PNG", transparency=3)),
        _in_mode("I;16", _saved("PNG")),
        _in_mode("RGBA", _saved("PNG")),
        _in_mode("1", _saved("PNG")),
        _animated("PNG"),
    ),
    "webp": (_saved("WEBP"), _saved("WEBP", lossless=True), _animated("WEBP"), _with_exif("WEBP")),
    "gif": (_saved("GIF"), _animated("GIF", transparency=2)),
    "tif": (
        _saved("TIFF"),
        _saved("TIFF", compression="tiff_lzw"),
        _saved("TIFF", compression="tiff_adobe_deflate"),
        _saved("TIFF", compression="jpeg"),
        _in_mode("1", _saved("TIFF", compression="group4")),
        _in_mode("I;16", _saved("TIFF", compression="packbits")),
        _animated("TIFF"),
    ),
    "avif": (_saved("AVIF", speed=10), _in_mode("RGBA", _saved("AVIF", speed=10))),
}


def originals(seed: int) -> list[Original]:
    """Every kind of picture once, the formats in turn."""
    made = {
        extension: [_original(extension, write, seed + number) for number, write in enumerate(writers)]
        for extension, writers in WRITERS.items()
    }
    longest = max(len(kinds) for kinds in made.values())
    return [kinds[turn % len(kinds)] for turn in range(longest) for kinds in made.values()]


def _original(extension: str, write: Writer, seed: int) -> Original:
    picture = drawing.landscape(seed, 96, 72)
    if extension != "tif":
        stream = io.BytesIO()
        write(picture, stream)
        return Original(extension, stream.getvalue())
    # libtiff writes into a stream through a descriptor of its own, and some compressions need a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.tif")
        with path.open("w+b") as file:
            write(picture, file)  # type: ignore[arg-type]  # a file is a stream as well
        return Original(extension, path.read_bytes())


def mutated(dice: random.Random, all_originals: list[Original], number: int) -> Original:
    """The ``number``-th mutation: of each original in turn, by one to four changes."""
    original = all_originals[number % len(all_originals)]
    content = bytearray(original.content)
    for _ in range(dice.randint(1, 4)):
        if len(content) > HEAD // 2:
            dice.choice(_MUTATIONS)(dice, content)
    if dice.random() < 0.1:
        content += dice.choice(all_originals).content[-dice.randint(1, 2_000) :]
    # Without its sums a PNG is refused at its first wrong byte, and the decoder behind is never reached.
    mended = _mend_png(bytes(content)) if dice.random() < 0.8 else bytes(content)
    return Original(original.extension, mended)


def _place(dice: random.Random, content: bytearray) -> int:
    place = dice.randrange(len(content))
    return place if dice.random() < 0.6 else place % HEAD


def _flip(dice: random.Random, content: bytearray) -> None:
    content[_place(dice, content)] ^= 1 << dice.randrange(8)


def _scribble(dice: random.Random, content: bytearray) -> None:
    place = _place(dice, content)
    content[place : place + 4] = dice.randbytes(dice.randint(1, 4))


def _overflow(dice: random.Random, content: bytearray) -> None:
    form = dice.choice((">H", "<H", ">I", "<I"))
    place = _place(dice, content)
    number = dice.choice(EXTREMES) % (1 << 8 * struct.calcsize(form))
    content[place : place + struct.calcsize(form)] = struct.pack(form, number)


def _cut_out(dice: random.Random, content: bytearray) -> None:
    place = _place(dice, content)
    del content[place : place + dice.randint(1, 40)]


def _double(dice: random.Random, content: bytearray) -> None:
    place = _place(dice, content)
    content[place:place] = content[place : place + dice.randint(1, 400)] * dice.randint(1, 3)


def _cut_off(dice: random.Random, content: bytearray) -> None:
    del content[dice.randint(HEAD // 2, len(content)) :]


def _swap(dice: random.Random, content: bytearray) -> None:
    one, other = sorted((_place(dice, content), _place(dice, content)))
    length = min(dice.randint(1, 64), other - one)
    a, b = bytes(content[one : one + length]), bytes(content[other : other + length])
    content[one : one + len(b)], content[other : other + len(a)] = b, a


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _scribble,
    _overflow,
    _overflow,
    _cut_out,
    _double,
    _cut_off,
    _swap,
)


def _mend_png(content: bytes) -> bytes:
    """Give each chunk of a PNG the sum that it should have; anything else stays as it is."""
    if not content.startswith(PNG_SIGN):
        return content
    mended, place = [PNG_SIGN], len(PNG_SIGN)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        body = content[place + 4 : place + 8 + length]
        if len(body) < 4 + length:
            break
        mended += [content[place : place + 4], body, struct.pack(">I", zlib.crc32(body))]
        place += 12 + length
    return b"".join([*mended, content[place:]])


def bombs(folder: Path) -> list[Path]:
    """Small files that ask for as much memory or time as they may, within the limit of pixels."""
    flat = Image.new("L", (LARGE_SIDE, LARGE_SIDE))
    made = []
    for name, options in (
        ("flat.png", {"compress_level": 1}),
        ("flat.gif", {}),
        ("flat.tif", {"compression": "tiff_adobe_deflate"}),
    ):
        made.append(folder / name)
        flat.save(made[-1], **options)
    colour = Image.new("RGB", (16_383, 16_383))
    colour.save(folder / "flat.webp", lossless=True, method=0, quality=0)
    (folder / "scans.jpg").write_bytes(_endless_scans())
    return [*made, folder / "flat.webp", folder / "scans.jpg"]


def _endless_scans() -> bytes:
    """A progressive JPEG that says to be very large, and refines its last scan again and again."""
    stream = io.BytesIO()
    drawing.landscape(1, 96, 72).save(stream, "JPEG", progressive=True)
    content = stream.getvalue()
    size = content.index(b"\xff\xc2") + 5
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    larger = content[:size] + struct.pack(">HH", LARGE_SIDE, LARGE_SIDE) + content[size + 4 : -2]
    return larger + last_scan * SCANS + content[-2:]


def chosen(folder: str | None) -> list[Path]:
    """The files of a folder that somebody keeps for such tests."""
    if folder is None:
        return []
    return sorted(Path(base, name) for base, _, names in os.walk(folder) for name in names)
