"""Spreadsheets of people: read, mapped, reviewed, imported, undone."""
