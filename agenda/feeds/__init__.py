"""The agenda in somebody's own calendar: a secret address, and a file of one event."""
