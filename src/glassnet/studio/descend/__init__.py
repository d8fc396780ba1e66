"""Descend: the cost as a landscape, in slices and surfaces, and the ways down."""
