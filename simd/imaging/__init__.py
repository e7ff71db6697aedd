"""Files to signatures: the owner of Pillow, pillow-heif, imagehash and the worker processes."""
