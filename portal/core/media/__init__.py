"""Photos: decoded in a process that may do nothing else, kept under names that nobody can guess."""
