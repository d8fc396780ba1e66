"""Draw: what networks see in a picture, how neurons come to that, what is written on a page."""
