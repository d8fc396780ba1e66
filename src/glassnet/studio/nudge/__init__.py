"""Nudge: backpropagation on one example, as a person would do it by hand."""
