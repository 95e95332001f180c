"""What the school knows: who answered, who may be shown, and the lists of it."""
