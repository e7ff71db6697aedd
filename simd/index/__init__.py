"""Exact Hamming-radius search over 64-bit hashes, in two tiers."""

from simd.index.two_tier import HashIndex, IndexSizes

__all__ = ["HashIndex", "IndexSizes"]
