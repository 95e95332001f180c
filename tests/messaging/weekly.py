"""Has the weekly mail of the small school sent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core import mail

from messaging.newsletter.services import editions
from portal.core import outbox
from portal.core.models import OutboxItem


def weekly_mails(cut: datetime, *between: Callable[[], object]) -> list[mail.EmailMessage]:
    """The weekly mails of this cut, when this happens between their rows and their leaving."""
    OutboxItem.objects.all().delete()
    editions.send_due_editions(now=cut + timedelta(minutes=1))
    for deed in between:
        deed()
    mail.outbox.clear()
    outbox.sweep(now=cut + timedelta(minutes=2))
    return [one for one in mail.outbox if one.subject.startswith("Weeknieuws")]
