"""The tests of simd, one folder for each room."""
