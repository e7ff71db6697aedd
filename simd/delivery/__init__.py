"""Messages to people outside the daemon. The one owner of Apprise."""
