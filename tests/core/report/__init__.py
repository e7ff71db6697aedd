"""The use cases, over a real catalogue."""
