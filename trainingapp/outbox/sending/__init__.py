"""Which messages go now, who holds them, how fast, and what came of it."""
