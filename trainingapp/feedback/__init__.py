"""Results, and open answers under review."""
