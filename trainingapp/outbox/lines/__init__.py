"""Ways out for a message: to a relay over SMTP, or into a folder in a dry run."""
