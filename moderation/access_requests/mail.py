"""To who answers an access request or reads the copy over that one waits, to who asked what became of it: a link."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.roles import Hat
from groups.told.mail import mail_about
from moderation.access_requests.models import AccessRequest, Asker
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld

WAITS = (_("An access request waits for you"), _("To the access request"), _("You can go on with it."))

NEWS = (_("About the copy that was asked for"), _("Look in Kring"), _("It is about what school keeps."))


def render_access_requests(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who answers an access request, drew up its copy or can read that over, as long as there is something to do."""
    for row in rows:
        asked = AccessRequest.objects.open()
        mine = asked.visible_to(Actor(row.recipient, Hat.ANY, now)) if row.recipient else asked.none()
        request = mine.select_related("school").defer("draft").filter(uid=row.subject_uid).first()
        yield (
            mail_about(row, WAITS, request.school, "moderation:access_request", request.uid)
            if request
            else Withheld("not theirs")
        )


def render_to_who_asked(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who asked for the own copy, when that takes longer, is answered or closed, while the account is open."""
    with_news = Q(ended_at__isnull=False) | ~Q(extended_because="")
    told = AccessRequest.objects.filter(with_news, asker=Asker.SELF).select_related("school").defer("draft")
    by_uid = {one.uid: one for one in told.filter(uid__in=[row.subject_uid for row in rows])}
    for row in rows:
        asked = by_uid.get(row.subject_uid)
        is_theirs = row.recipient and row.recipient.is_active and asked and asked.about_id == row.recipient.pk
        yield (
            mail_about(row, NEWS, asked.school, "moderation:ask_access", asked.side)
            if asked and is_theirs
            else Withheld("not theirs")
        )
