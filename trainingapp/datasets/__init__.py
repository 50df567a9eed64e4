"""The anonymised set of a programme: coarsened until nobody stands out, checked, frozen, given out."""
