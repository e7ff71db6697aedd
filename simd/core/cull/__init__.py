"""Sorting by hand: groups laid into folders, and what a person's deletions there mean for the originals."""
