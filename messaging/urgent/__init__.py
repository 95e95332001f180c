"""What cannot wait: a message that breaks through every choice, and who still has to be phoned."""
