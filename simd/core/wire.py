"""The type of what crosses the socket.

``typing`` takes 8 ms to import, a third of a bare interpreter start, and the client pays
for everything it imports on every call. A type checker reads the first branch; the
interpreter takes the second.
"""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]
    """One JSON object, decoded."""
else:
    Json = dict
