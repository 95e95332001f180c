"""The details of a school, its days off, and the working hours of its staff."""
