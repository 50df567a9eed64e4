"""One question over the years, and two askings compared."""
