"""The coordinator's board of all plans, and where each of them stands."""
