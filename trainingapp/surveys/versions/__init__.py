"""The life of a questionnaire: drafted, checked, published, compared; what was published stays."""
