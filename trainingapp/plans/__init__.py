"""Action plans, progress, review."""
