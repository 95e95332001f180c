"""As what the outbox knows the mails and notices of this room."""

URGENT, ON_PHONE = "urgent", "urgent_on_phone"
ESSENTIAL, ESSENTIAL_ON_PHONE = "essential", "essential_on_phone"
TELLING = (URGENT, ESSENTIAL)
"""Mails that tell of one message, to each who has to hear of it."""
