"""The early answers: what a daemon says on its socket while it loads its catalogue.

Loading the libraries of the real server takes longer than a client should wait for a word, so
everything here is of the standard library.
"""

from simd.porch.loading import Loading
from simd.porch.porch import Patience, Porch

__all__ = ["Loading", "Patience", "Porch"]
