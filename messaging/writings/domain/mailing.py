"""How soon after a message is placed its mail leaves."""

from datetime import timedelta

GRACE = timedelta(minutes=1)
"""A message written at the cut may be committed a moment later; nothing is gathered before."""
BUNDLE = timedelta(minutes=10)
"""What is placed within this time of the first message is one mail."""
MAILED_AFTER = BUNDLE + GRACE
"""So long after it was placed a message is mailed at the latest to who wants a mail at once."""
