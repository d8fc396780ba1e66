"""Learn: runs as the page watches and steers them."""
