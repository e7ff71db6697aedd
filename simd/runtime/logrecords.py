"""Messages of the log on their way to another thread or process."""

import copy
import logging

_FORMATTER = logging.Formatter()


def portable(record: logging.LogRecord) -> logging.LogRecord:
    """A copy that carries text alone: the message with its arguments, and the exception as it was then.

    What a message names with ``extra`` stays beside it. The traceback stays apart from the message, so
    that whoever writes both can tell a line break of one from that of the other.
    """
    copied = copy.copy(record)
    copied.msg = copied.message = record.getMessage()
    copied.args = None
    if record.exc_info:
        copied.exc_text = _FORMATTER.formatException(record.exc_info)
    copied.exc_info = None
    return copied
