"""The studio: a page to draw on and to watch a network learn, and the server behind it."""
