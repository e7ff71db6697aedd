"""The watcher and the sweep, with the real filesystem and the real inotify."""
