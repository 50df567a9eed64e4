"""Answers that were gathered elsewhere, before us: mapped once to our keys, kept beside the new ones."""
