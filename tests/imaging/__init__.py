"""Tests of decoding, signing and comparing pictures."""
