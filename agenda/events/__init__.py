"""What a school does on a day: made by who writes to a group, read by who reads it."""
