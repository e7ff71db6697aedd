"""Reports in their forms: a page, JSON, CSV, and a summary in words."""
