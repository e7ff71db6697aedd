"""The façade, behind every door."""

from simd.service.service import Service

__all__ = ["Service"]
