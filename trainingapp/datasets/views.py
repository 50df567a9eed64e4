"""URL to action to page: releases of a programme's anonymised data."""

from trainingapp.datasets.blueprint import bp

__all__ = ["bp"]
