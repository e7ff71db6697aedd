"""The machine: folders, locks, filesystems and peers."""
