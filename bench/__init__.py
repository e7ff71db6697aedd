"""Claims about speed, each measured beside its yardstick in the same run.

Every module of this package that has a function ``run(options: Options) -> list[Row]`` is
a benchmark of its name; :mod:`bench.table` says what the two are.
"""
