"""Use cases: ingest, search, groups, upkeep."""
