"""Tests of the messages that leave the daemon."""
