"""Which files and folders are never looked at: temporary, hidden, trash, other programs' stores.

Names are compared without regard to ASCII case, because the systems that create most of
these names do so too.
"""

import fnmatch
import re
import unicodedata

_HIDDEN_PREFIXES = (b".", b"~$", b"~syncthing~")
_UNFINISHED_SUFFIXES = (b".part", b".partial", b".crdownload", b".tmp", b".temp", b".!ut", b".!qb", b".aria2")
_SAFARI_DOWNLOAD = b".download"  # a folder while it loads
_FILES = frozenset({b"thumbs.db", b"ehthumbs.db", b"desktop.ini", b"icon\r"})
_DIRECTORIES = frozenset(
    {
        b"@eadir",
        b"@tmp",
        b"@recycle",
        b"@recently-snapshot",
        b"#recycle",
        b"#snapshot",
        b"$recycle.bin",
        b"recycler",
        b"system volume information",
        b"lost+found",
        b"__macosx",
    }
)
_BUNDLES = (
    b".photoslibrary",
    b".migratedphotolibrary",
    b".photolibrary",
    b".aplibrary",
    b".lrdata",
    b".lrcat-data",
    b".lrlibrary",
    b".cocatalog",
    b".imovielibrary",
    b".fcpbundle",
    b".app",
)
_FILE_SUFFIXES = (*_UNFINISHED_SUFFIXES, _SAFARI_DOWNLOAD)
_DIRECTORY_SUFFIXES = (*_BUNDLES, _SAFARI_DOWNLOAD)


def skip_name(name: bytes, *, directory: bool) -> bool:
    """Whether one path component alone says that the entry is not a person's picture.

    Dot entries cover rsync's ``.name.XXXXXX``, ``.~lock``, ``.nfs*``, ``._*``, ``.syncthing.*``
    and ``.Trash*``.
    """
    if name.startswith(_HIDDEN_PREFIXES):
        return True
    lowered = name.lower()
    if directory:
        return lowered in _DIRECTORIES or lowered.endswith(_DIRECTORY_SUFFIXES)
    return lowered in _FILES or lowered.endswith(_FILE_SUFFIXES)


class SkipRules:
    """The rules of :func:`skip_name`, the daemon's own folders and a person's globs, together.

    A glob without a slash matches names at any depth; one with a slash matches the path below
    the root, and its ``*`` crosses slashes. A trailing slash restricts it to directories. Globs
    ignore case, and the two ways of writing accented letters count as equal.
    """

    def __init__(self, own_folders: frozenset[bytes], patterns: tuple[str, ...] = ()) -> None:
        self._own_folders = frozenset(folder.rstrip(b"/") for folder in own_folders)
        self.follow(patterns)

    def follow(self, patterns: tuple[str, ...]) -> None:
        """Go by other globs from now on. What was found under the old ones has to be swept."""
        files = [pattern for pattern in patterns if not pattern.endswith("/")]
        self._file_names = _compiled(files, whole_path=False)
        self._file_paths = _compiled(files, whole_path=True)
        self._directory_names = _compiled(patterns, whole_path=False)
        self._directory_paths = _compiled(patterns, whole_path=True)

    def skips_directory(self, path: bytes, name: bytes, root: bytes = b"/") -> bool:
        """Whether the directory ``path``, whose last component is ``name``, is left alone.

        Only the last component is judged. ``root`` is what globs with a slash are relative to.
        """
        return (
            skip_name(name, directory=True)
            or path in self._own_folders
            or _matches(self._directory_names, name)
            or (self._directory_paths is not None and _matches(self._directory_paths, _below(path, root)))
        )

    def skips_file(self, path: bytes, name: bytes, root: bytes = b"/") -> bool:
        """Whether the file ``path``, whose last component is ``name``, is left alone.

        Only the last component is judged. ``root`` is what globs with a slash are relative to.
        """
        return (
            skip_name(name, directory=False)
            or _matches(self._file_names, name)
            or (self._file_paths is not None and _matches(self._file_paths, _below(path, root)))
        )

    def skips(self, path: bytes, root: bytes, *, directory: bool = False) -> bool:
        """Whether ``path``, anywhere below ``root``, or any directory between them is left alone.

        The root itself is never skipped, whatever its name; a path outside the root always is.
        """
        base = root.rstrip(b"/")
        if path in (root, base):
            return False
        if not path.startswith(base + b"/"):
            return True
        parent = base
        *between, last = path[len(base) + 1 :].split(b"/")
        for name in between:
            parent = parent + b"/" + name
            if self.skips_directory(parent, name, root):
                return True
        return self.skips_directory(path, last, root) if directory else self.skips_file(path, last, root)


def _compiled(patterns: list[str] | tuple[str, ...], *, whole_path: bool) -> re.Pattern[str] | None:
    """One expression for all globs of one sort, None when there are none."""
    chosen = [
        fnmatch.translate(unicodedata.normalize("NFC", bare).lstrip("/"))
        for bare in (pattern.rstrip("/") for pattern in patterns)
        if bare and ("/" in bare) is whole_path
    ]
    return re.compile("|".join(chosen), re.IGNORECASE) if chosen else None


def _matches(expression: re.Pattern[str] | None, subject: bytes) -> bool:
    if expression is None:
        return False
    text = unicodedata.normalize("NFC", subject.decode("utf-8", "surrogateescape"))
    return expression.match(text) is not None


def _below(path: bytes, root: bytes) -> bytes:
    return path.removeprefix(root.rstrip(b"/")).lstrip(b"/")
