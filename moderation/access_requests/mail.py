"""To who draws up a copy for an access request, or reads it over: that one waits, and a link."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from groups.roles import Hat
from groups.told.mail import mail_about
from moderation.access_requests.models import AccessRequest
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld

WAITS = (_("An access request waits for you"), _("To the access request"), _("You can go on with it."))


def render_access_requests(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who drew up the copy for an access request, or can read it over, as long as there is something to do."""
    for row in rows:
        asked = AccessRequest.objects.open()
        mine = asked.visible_to(Actor(row.recipient, Hat.ANY, now)) if row.recipient else asked.none()
        request = mine.select_related("school").defer("draft").filter(uid=row.subject_uid).first()
        yield (
            mail_about(row, WAITS, request.school, "moderation:access_request", request.uid)
            if request
            else Withheld("not theirs")
        )
