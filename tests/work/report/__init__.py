"""Reports from the first question to the files on disk, with real processes."""
