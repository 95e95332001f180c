"""How often groups place something, beside what was agreed."""
