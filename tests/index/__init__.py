"""Tests of the two-tier index, against a plain scan."""
