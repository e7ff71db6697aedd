"""simctl against a real HTTP server on a Unix socket."""
