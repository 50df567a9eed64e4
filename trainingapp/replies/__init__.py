"""Plain e-mail replies: read, understood where that is certain, confirmed by the person behind a link."""
