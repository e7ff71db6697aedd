"""From the bytes of a file to the decoded picture: one decode, every bad file a refusal."""

import logging
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageFile, JpegImagePlugin, UnidentifiedImageError

from simd.core.model import ProblemCode
from simd.imaging.metadata import Metadata, read_metadata, read_orientation
from simd.imaging.modes import flatten, shrink
from simd.imaging.outcome import Refusal
from simd.imaging.recipe import FORMATS, HASHED_SIDE, MAX_IN_MEMORY, MAX_PIXELS, WORKING_SIDE

log = logging.getLogger(__name__)

# Pillow's own limit lies below what phones make; `_refuse_bombs` is the limit here.
Image.MAX_IMAGE_PIXELS = None

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_LYING = 5

_SIGNS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
}
_LONGEST_SIGN = 12
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

# Decoders answer to malformed input with whatever went wrong inside them.
_MALFORMED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
_UNSUPPORTED_WORDS = ("unsupported", "not supported", "unknown")
_TRUNCATION_WORDS = ("truncated", "unexpected end", "end of file", "premature", "not enough", "incomplete")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A picture in mode ``L``, ``RGB`` or ``YCbCr``, upright and scaled down.

    Attributes:
        width, height: of the full picture, in pixels, upright.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture, upright, as the recipe defines it.

    Attributes:
        grey: mode ``L``; hashes and grey thumbnail are made of it.
        colour: the same picture in mode ``L``, ``RGB`` or ``YCbCr``.
        width, height: of the full picture, in pixels, upright.
        format: Pillow's name of the format.
    """

    grey: Image.Image
    colour: Image.Image
    width: int
    height: int
    format: str
    metadata: Metadata


def decode(stream: BinaryIO) -> Picture:
    """Decode a picture as the recipe says.

    Raises:
        Refusal: it is no picture, or broken, or too large.
    """
    raw = load(stream, WORKING_SIDE)
    colour = shrink(raw.image, HASHED_SIDE)
    return Picture(luminance(colour), colour, raw.width, raw.height, raw.format, raw.metadata)


def load(stream: BinaryIO, side: int) -> Loaded:
    """Load a picture, scaled down by 8, 4, 2 or 1 so that its shorter side keeps ``side`` pixels.

    Raises:
        Refusal: it is no picture, or broken, or too large.
    """
    try:
        with _identify(stream) as image:
            _refuse_bombs(image)
            if isinstance(image, JpegImagePlugin.JpegImageFile):
                return _load_jpeg(image, side)
            return _load_other(image, side)
    except MemoryError as error:
        raise Refusal(ProblemCode.MEMORY, "Decoding it takes more memory than one worker may use.") from error
    except _MALFORMED as error:
        raise _broken(error) from error


def luminance(image: Image.Image) -> Image.Image:
    """The grey of a picture in mode ``L``, ``RGB`` or ``YCbCr``, as mode ``L``."""
    if image.mode == "YCbCr":
        return image.getchannel("Y")
    return image if image.mode == "L" else image.convert("L")


def _identify(stream: BinaryIO) -> ImageFile.ImageFile:
    sign = stream.read(_LONGEST_SIGN)
    formats: tuple[str, ...] = FORMATS
    if sign[4:8] == b"ftyp" and sign[8:12] not in _AVIF_BRANDS:
        formats = _heif()
    try:
        return Image.open(stream, formats=formats)
    except UnidentifiedImageError as error:
        raise _unidentified(sign) from error


def _heif() -> tuple[str, ...]:
    # Its import takes a while and most libraries hold none; the pool's processes are the threads.
    from pillow_heif import register_heif_opener  # noqa: PLC0415

    register_heif_opener(thumbnails=False, decode_threads=1)
    # Some writers of AVIF name the general brand first, and leave "avif" to the list behind it.
    return ("HEIF", "AVIF")


def _unidentified(sign: bytes) -> Refusal:
    if not sign:
        return Refusal(ProblemCode.EMPTY, "It is empty.")
    name = _format_begun(sign)
    if name is None:
        return Refusal(ProblemCode.NOT_AN_IMAGE, "It is not a picture in a supported format.")
    return Refusal(ProblemCode.CORRUPT, f"It begins like a {name} file, but its header cannot be read.")


def _format_begun(sign: bytes) -> str | None:
    if sign[4:8] == b"ftyp":
        brand = sign[8:12]
        return "AVIF" if brand in _AVIF_BRANDS else "HEIF" if brand in _HEIF_BRANDS else None
    return next((name for start, name in _SIGNS.items() if sign.startswith(start)), None)


def _refuse_bombs(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        megapixels = image.width * image.height // 1_000_000
        raise Refusal(
            ProblemCode.TOO_LARGE,
            f"It has {megapixels:,} megapixels; at most {MAX_PIXELS // 1_000_000} are decoded.",
        )


def _broken(error: Exception) -> Refusal:
    log.debug("undecodable picture: %r", error)
    words = str(error).lower()
    if any(word in words for word in _TRUNCATION_WORDS):
        return Refusal(ProblemCode.TRUNCATED, "It ends before the picture is complete.")
    if any(word in words for word in _UNSUPPORTED_WORDS):
        return Refusal(ProblemCode.NOT_AN_IMAGE, "It uses a variant of its format that is not supported.")
    return Refusal(ProblemCode.CORRUPT, "Its content is damaged and cannot be decoded.")


def _load_other(image: ImageFile.ImageFile, side: int) -> Loaded:
    if image.format == "PNG":
        # A PNG may keep its EXIF behind the pixels.
        image.load()
    metadata = read_metadata(image)
    image.load()
    upright = _turn(image, read_orientation(image))
    return Loaded(flatten(upright, side), upright.width, upright.height, image.format or "", metadata)


def _load_jpeg(image: JpegImagePlugin.JpegImageFile, side: int) -> Loaded:
    width, height = image.size
    image.draft("YCbCr" if _has_luminance(image) else "RGB", (side, side))
    # Fed at once, the decoder is never suspended in the middle of a row of blocks.
    image.decodermaxblock = MAX_IN_MEMORY
    metadata = read_metadata(image)
    image.load()
    orientation = read_orientation(image)
    if orientation >= _FIRST_LYING:
        width, height = height, width
    upright = _turn(image, orientation)
    if upright.mode not in {"L", "RGB", "YCbCr"}:
        upright = upright.convert("RGB")
    return Loaded(upright, width, height, image.format or "JPEG", metadata)


def _has_luminance(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether a colour JPEG stores luminance and chroma, by libjpeg's own rules.

    A JPEG may store red, green and blue instead, and libjpeg cannot turn those into YCbCr.
    """
    if image.mode != "RGB":
        return False
    if "jfif" in image.info:
        return True
    transform = image.info.get("adobe_transform")
    if transform is not None:
        return bool(transform == 1)
    return bytes(layer[0] for layer in image.layer) != b"RGB"


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)
