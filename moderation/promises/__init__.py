"""What the policy promises, and what Kring has for each of it."""
