"""The HTTP door on the Unix socket."""

from simd.api.app import create_app
from simd.api.connection import Limits
from simd.api.server import ApiServer

__all__ = ["ApiServer", "Limits", "create_app"]
