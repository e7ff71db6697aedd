"""Tests of what becomes of the figures; the figures themselves are held by nothing but their bars."""
