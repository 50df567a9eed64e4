"""One asking of an edition: it opens, sends, reminds and closes."""
