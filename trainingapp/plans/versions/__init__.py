"""A plan as it was sent each time, and what is different between two of them."""
