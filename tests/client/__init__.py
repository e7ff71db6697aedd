"""The client against real Unix sockets."""
