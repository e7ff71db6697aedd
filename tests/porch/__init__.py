"""Tests of the early answers."""
