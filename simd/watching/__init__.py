"""Noticing what changes in the watched folders: watchdog's hints and the sweep's truth."""
