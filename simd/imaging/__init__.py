"""From a file to its signature: Pillow, imagehash and the worker processes."""
