"""The certificate of a school that is gone, to where the foundation keeps the seals of its dossiers."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from moderation.leaving.models import Departure
from moderation.leaving.services.certifying import lines_of
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld


def render_certificate(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """As long as the address is the foundation's mailbox."""
    found = Departure.objects.filter(uid__in=[row.subject_uid for row in rows]).select_related("foundation")
    by_uid = {one.uid: one for one in found}
    for row in rows:
        departure = by_uid.get(row.subject_uid)
        if departure and departure.seal and departure.foundation.mailbox == row.address:
            yield _mail(departure)
        else:
            yield Withheld("not the mailbox of the foundation any more")


def _mail(departure: Departure) -> Mail:
    with translation.override(settings.LANGUAGE_CODE):
        context = {"departure": departure, "lines": lines_of(departure)}
        return Mail(
            subject=_("%(school)s is gone from Kring") % {"school": departure.name},
            text=render_to_string("emails/departure_certificate.txt", context),
            html=render_to_string("emails/departure_certificate.html", context),
        )
