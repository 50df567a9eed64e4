"""What mail servers and people send back: read, understood, matched with what we sent, acted on."""
