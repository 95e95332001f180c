"""How the demo's people want their news, and the last newsletter as it went out: by the real service."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from groups.models import Way
from groups.people.services.contact_choices import choose_way
from messaging.newsletter.services.editions import DIGEST, send_edition
from portal.core import outbox
from portal.core.models import OutboxItem, User
from portal.demo.cast import PERSONA_EMAILS
from portal.demo.seed_people import SeededSchool

CHOICES = {"vader": Way.MESSAGE}
"""Who chose otherwise than what holds unchosen, among the parents a visitor can be."""
_LAST = timedelta(seconds=1)
_BEFORE = timedelta(days=45)
"""So long ago they chose: what was placed before a choice comes in the newsletter still."""


def send_newsletters(schools: Iterable[SeededSchool], *, now: datetime) -> None:
    """The last newsletter that closed, for every parent; the visitor's own lie on top of the mailbox."""
    seeded = list(schools)
    people = {slug: User.objects.filter(email=PERSONA_EMAILS[slug]).first() for slug in CHOICES}
    for slug, user in people.items():
        if user:
            choose_way(user=user, school=seeded[0].school, way=CHOICES[slug], now=now - _BEFORE)
    for each in seeded:
        send_edition(school=each.school, now=now)
    own = OutboxItem.objects.filter(kind=DIGEST, recipient__email__in=PERSONA_EMAILS.values())
    own.update(due_at=now + _LAST)
    outbox.sweep(now=now)
    outbox.sweep(now=now + 2 * _LAST)
