"""Open answers under review."""
