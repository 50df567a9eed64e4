"""What a supervisor says to what was reported."""
