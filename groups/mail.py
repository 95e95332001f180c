"""The mails about coming in, rendered when they leave: whoever is no longer meant gets nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import Guardianship, Invitation, School
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld


def render_admitted(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "You can come in now": only while this guardianship is admitted and open."""
    uids = [row.subject_uid for row in rows]
    found = Guardianship.objects.admitted().active(now=now).filter(uid__in=uids).select_related("child__school")
    schools = {guardianship.uid: guardianship.child.school for guardianship in found}
    for row in rows:
        school = schools.get(row.subject_uid)
        yield _mail(row, school, "admitted") if school else Withheld("no longer admitted")


def render_invited(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """The way in for a first directie or IT administrator: only while the invitation can be used."""
    uids = [row.subject_uid for row in rows]
    found = Invitation.objects.usable(now=now).filter(uid__in=uids).select_related("staff__school")
    schools = {invitation.uid: invitation.staff.school for invitation in found if invitation.staff}
    for row in rows:
        school = schools.get(row.subject_uid)
        yield _mail(row, school, "invited") if school else Withheld("used, withdrawn or expired")


def _mail(row: OutboxItem, school: School, template: str) -> Mail:
    language = row.recipient.language if row.recipient else settings.LANGUAGE_CODE
    with translation.override(language):
        context = {
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + reverse("account_login"),
            "address": row.recipient.email if row.recipient else row.address,
        }
        return Mail(
            subject=" ".join((_("%(school)s in Kring") % {"school": school.name}).split()),
            text=render_to_string(f"emails/{template}.txt", context),
            html=render_to_string(f"emails/{template}.html", context),
        )
