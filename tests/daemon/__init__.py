"""The whole daemon: real processes, sockets, files and events."""
