"""simd: the daemon that knows your duplicate images."""

__version__ = "0.1.0"
