"""simctl: the command line that asks the daemon."""
