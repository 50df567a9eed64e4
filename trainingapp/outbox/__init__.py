"""Mail waiting to go: rows, claim, fence, send."""
