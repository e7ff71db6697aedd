"""Tests of the scheduler and its slots."""
