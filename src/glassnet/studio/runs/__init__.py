"""Runs: courses of learning, their history, their health, and the shelf that keeps them."""
