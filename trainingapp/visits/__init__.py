"""Hosts and site visits."""
