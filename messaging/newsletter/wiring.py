"""What this room registers with the floor: what it mails and shows in the menu."""

from messaging.newsletter.mail import next_week
from messaging.newsletter.mail.editions import render_edition
from messaging.newsletter.services import sections
from portal.core import outbox


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("messages", render_edition)
    outbox.register("digest", render_edition, newsletter=True)
    sections.register(sections.Source(next_week.readers, next_week.coming))
