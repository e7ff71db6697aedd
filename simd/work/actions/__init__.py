"""Clearing up: the one place that acts on a person's files, after it has noted what it is going to do."""
