"""Which plans count towards which indicator of a frame."""
