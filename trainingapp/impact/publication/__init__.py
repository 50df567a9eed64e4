"""What viewers see, and the page of a programme for its donors."""
