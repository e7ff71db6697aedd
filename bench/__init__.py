"""Claims about speed, each measured beside its yardstick in the same run.

Every module of this package that has a function ``run(options)`` is a benchmark of its name. It gives
rows, and says which yardsticks were not there; :mod:`bench.table` says what these are. A benchmark with
``HASHES_ALONE = True`` needs nothing but memory, so that a size without a name is meant for it.
"""
