"""Themes proposed from the words of comments."""
