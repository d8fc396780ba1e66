"""Share: a network taken away as one page that needs no server."""
