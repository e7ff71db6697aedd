"""Every error that simd raises on purpose.

    SimdError
    ├── BadRequest          the question cannot be answered as it was asked
    │   ├── UnreadableImage     a picture named in a question cannot be decoded
    │   └── NotFound            no such image, file or folder in the catalogue
    ├── WrongUsage          the command line was not understood
    ├── ConfigError         the settings do not hold together
    ├── AlreadyRunning      another daemon owns the state folder
    ├── CatalogueError      the catalogue cannot be used
    │   ├── CatalogueLocked     another program holds it open for writing
    │   ├── DamagedCatalogue    it was found to be damaged while it was in use
    │   └── NewerCatalogue      it was written by a later simd
    ├── Unavailable         the daemon cannot answer now
    │   ├── Loading             it has started, and is still loading its catalogue
    │   ├── NoDaemon            nothing listens on the socket
    │   └── TimedOut            a wait ended before its condition held
    └── Failed              something went wrong that nobody asked for
        └── BadReportFolder     reports cannot be kept where they should be

A library's errors are translated into one of these once, in the room that owns
the library. Codes cross the wire; tracebacks do not. This module stays free of
imports because the client loads it on every call.
"""


class SimdError(Exception):
    """An error for a person: what happened, what to do about it, and where.

    Attributes:
        code: stable, machine-readable name.
        status: the HTTP status that carries it.
        exit_code: what ``simctl`` and ``simd`` exit with.
    """

    code = "failed"
    status = 500
    exit_code = 5

    def __init__(self, message: str, hint: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path


class BadRequest(SimdError):
    """The question cannot be answered as it was asked."""

    code = "bad-request"
    status = 400
    exit_code = 4


class UnreadableImage(BadRequest):
    """A picture named in a question cannot be decoded; the message says why."""

    code = "unreadable-image"
    status = 422


class NotFound(BadRequest):
    """No such image, file or folder in the catalogue."""

    code = "not-found"
    status = 404


class WrongUsage(SimdError):
    """The command line was not understood."""

    code = "usage"
    status = 400
    exit_code = 2


class ConfigError(SimdError):
    """The settings do not hold together; the message lists every fault."""

    code = "config"
    status = 400
    exit_code = 2


class AlreadyRunning(SimdError):
    """Another daemon owns the state folder."""

    code = "already-running"
    status = 409


class CatalogueError(SimdError):
    """The catalogue cannot be used."""

    code = "catalogue"


class CatalogueLocked(CatalogueError):
    """Another program holds the catalogue open for writing."""

    code = "catalogue-locked"


class DamagedCatalogue(CatalogueError):
    """The catalogue was found to be damaged while it was in use; a new start repairs it."""

    code = "catalogue-damaged"


class NewerCatalogue(CatalogueError):
    """The catalogue was written by a later simd than this one."""

    code = "newer-catalogue"


class Unavailable(SimdError):
    """The daemon cannot answer now."""

    code = "unavailable"
    status = 503


class Loading(Unavailable):
    """The daemon has started, and is still loading its catalogue."""

    code = "loading"


class NoDaemon(Unavailable):
    """Nothing listens on the socket."""

    code = "no-daemon"
    exit_code = 3


class TimedOut(Unavailable):
    """A wait ended before its condition held."""

    code = "timed-out"
    status = 504


class Failed(SimdError):
    """Something went wrong that nobody asked for."""


class BadReportFolder(Failed):
    """Reports cannot be read or written in their folder; the message says why."""

    code = "report-folder"
