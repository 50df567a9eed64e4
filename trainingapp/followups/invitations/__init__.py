"""One person who is asked: her mails, what she wishes, what is done to hear from her."""
