"""The page behind a personal link, and what is answered there."""
