"""Beginning and closing a round of asking, and the rules around it."""
