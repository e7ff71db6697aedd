"""Reports: gathered from a snapshot, made in a process of their own, kept on a shelf."""
