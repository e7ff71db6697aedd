"""Talking to the daemon over its socket with the standard library alone."""
