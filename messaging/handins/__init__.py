"""What somebody else reads before it is placed, or places for who wrote it."""
