"""What countries measure together: indicators of shared frames, lines, values, groups of countries."""
