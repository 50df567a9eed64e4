"""A plan while its owner writes it: typed, kept, checked for what it lacks."""
