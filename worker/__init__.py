"""Celery around the app: the legs that act on due rows. The app never imports this package."""
