"""People: one row a human over all years."""
