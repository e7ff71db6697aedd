"""The self-join in use: all verified pairs of the library from nothing, while the daemon goes on."""
