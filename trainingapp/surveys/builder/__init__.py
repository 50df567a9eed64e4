"""Where a draft is written, question by question."""
