"""The HTTP door on the Unix socket."""
