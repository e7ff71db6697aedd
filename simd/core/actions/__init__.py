"""Clearing up: what may be done to a person's files, planned and decided before anything is touched."""
