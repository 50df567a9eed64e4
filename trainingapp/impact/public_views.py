"""URL to page: a programme for its donors, signed in or not. Published figures only."""

from trainingapp.impact.public_models import PublicPage

__all__ = ["PublicPage"]
