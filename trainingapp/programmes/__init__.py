"""Programmes, their yearly themes, and who does what on them."""
