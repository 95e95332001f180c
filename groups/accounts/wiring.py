"""What this room registers with the floor: its mails."""

from groups.accounts.mail import render_codes, render_notices
from groups.accounts.services.notices import KIND
from portal.core import outbox
from portal.core.models import OutboxState


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("code", render_codes, lane=outbox.Lane.FAST)
    outbox.register(KIND, render_notices, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
