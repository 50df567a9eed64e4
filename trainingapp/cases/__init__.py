"""Requests for help, what stands in the way, and who solved the same."""
