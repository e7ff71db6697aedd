"""Talking to the daemon over its socket with the standard library alone.

Everything here is paid for by each call of ``simctl``, so nothing is imported that the
question does not need; ``docs/decisions/0005-light-client.md`` has the figures.
"""
