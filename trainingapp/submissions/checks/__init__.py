"""What is wrong with a text before it is handed in. A check is a callable that reads an entry."""
