"""Tests of what is built and shipped."""
