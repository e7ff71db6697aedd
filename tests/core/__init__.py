"""Tests of the values and decisions in simd.core."""
