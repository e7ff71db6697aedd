"""Views of the protocol's own shapes."""
