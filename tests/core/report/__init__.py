"""Reports as values, and what is decided about them."""
