"""Tests of the machine: folders, locks, sockets, limits, service notices, logs."""
