"""Questionnaires and question types."""
