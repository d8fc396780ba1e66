"""Draw: what networks see in a picture, how a neuron comes to it, what stands on a page."""
