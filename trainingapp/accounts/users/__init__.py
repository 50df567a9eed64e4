"""What an administrator does with accounts, and the trail of what everyone did."""
