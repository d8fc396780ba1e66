"""Shown: pictures, traces and examples as numbers that a page can show, and the words for them."""
