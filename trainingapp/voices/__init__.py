"""Voices beside the alumni's own: their supervisors at home, and the hosts of site visits."""
