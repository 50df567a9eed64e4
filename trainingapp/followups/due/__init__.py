"""Reminders of what she planned, when it falls due."""
