"""Tests of simd as a service of the system."""
