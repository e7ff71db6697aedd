"""Exact Hamming-radius search over 64-bit hashes, in two tiers."""
