"""HTTP to one call and back, by subject: doors, people, decisions, letters, own settings."""
