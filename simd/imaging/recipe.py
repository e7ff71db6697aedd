"""The recipe: everything that decides which signature a picture gets.

A signature compares only with signatures of the same recipe. :data:`RECIPE` goes up
whenever one of these changes:

* the decoded picture: a JPEG is decoded at 1/1, 1/2, 1/4 or 1/8, the smallest that leaves
  :data:`WORKING_SIDE` pixels on the shorter side. Every other format is decoded in full and
  reduced by the same factor with a box filter, so that one photograph saved as JPEG and as PNG
  gives nearly the same pixels. What remains is reduced once more by the largest whole factor
  that leaves :data:`HASHED_SIDE`. The grey picture is its Y plane where a JPEG has one, and
  ITU-R 601 luma otherwise;
* the EXIF orientation is applied, colour profiles are not;
* transparent pixels show :data:`GROUND`; deeper than 8 bits is scaled, not clipped; of an
  animation or a file with several pages the first is taken;
* hashes are :func:`imagehash.phash` of the grey picture with hash sizes 8 and 16; thumbnails
  are a LANCZOS resize to 32x32 in grey and a box resize to 16x16 in RGB.
"""

RECIPE: int = 1
"""Version of the procedure above."""

WORKING_SIDE = 256
"""Pixels that the shorter side keeps while a picture is decoded, where the file has as many.

At 256 a hash drifts from that of the full picture as little as between two saves of one
photograph; with a decode at 128 single pictures drift by a dozen bits.
"""

HASHED_SIDE = 150
"""Pixels that the shorter side of the decoded picture keeps, where the file has as many.

The resize that a hash begins with costs as much as a tenth of the decode at 256 to 511 pixels, and a
quarter of that here. Over seven edits of 45 photographs the 64-bit distance moved by 0.2 bits
on average and nowhere by more than 2; gradient correlations stayed above .99.
"""

GROUND = 128
"""The grey level that shows through transparent pixels.

Neither black nor white, so that black and white drawings on transparency both stay visible.
"""

MAX_PIXELS = 300_000_000
"""Pictures with more pixels are refused before they are decoded.

Phones make 200 megapixels; 300 of them take 1.2 GB as RGB, about what a worker may hold.
"""

MAX_IN_MEMORY = 64 * 1024 * 1024
"""Files up to this many bytes are read into memory once; larger ones are streamed."""

MAX_FILE_BYTES = 4 * 1024 * 1024 * 1024
"""Larger files are not read: as many bytes as a TIFF can address, more than 300 uncompressed megapixels take.

A sparse file of terabytes costs nothing to make, and would keep a worker busy for weeks.
"""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
"""Pillow's decoders that may run (MPO is opened by the JPEG decoder, HEIF registers itself later).

Everything else that Pillow reads stays closed: identification is by content, and an EPS that
is called ``.jpg`` would otherwise start Ghostscript.
"""

SUPPORTED_EXTENSIONS: frozenset[bytes] = frozenset(
    b".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .gif .tif .tiff .bmp .dib .avif .heic .heif .hif".split()
)
"""Endings, in lower case and with the dot, of the files that are looked into."""
