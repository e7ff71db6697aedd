"""Values and decisions: no clock, no I/O, only the standard library and NumPy."""
