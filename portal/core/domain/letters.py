"""Signs that people type in several ways."""

APOSTROPHES = dict.fromkeys("’‘ʼ`´′", "'")
"""By each of those that count as one: a phone types another one than the roster has."""
