"""What became of a plan: reports, what shows that they are true, and what is counted of them."""
