"""What a programme hands in at others' platforms: proposed from what we hold, checked, and kept as it was."""
