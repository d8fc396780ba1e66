"""Visit: who is here, what they may send, which networks they can choose."""
