"""Whether a relay takes our mail and receivers will believe it."""
