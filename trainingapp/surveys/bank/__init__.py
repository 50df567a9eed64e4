"""The question bank: what a key means for years, however it is worded."""
