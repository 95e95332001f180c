"""After a restore: what was taken away stays away, and nobody reads a page before somebody looked."""
