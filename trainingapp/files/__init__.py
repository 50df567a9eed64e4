"""Files that people add: photos, PDF and office documents, kept in the database."""
