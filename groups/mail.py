"""The mails about coming in, rendered when they leave: whoever is no longer meant gets nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import Guardianship, Invitation, School, StaffMember
from groups.roles import Hat
from groups.services.notices import NOTICES, TRIED_FOR
from portal.core import codes
from portal.core.actor import Actor
from portal.core.models import Code, CodePurpose, OutboxItem
from portal.core.outbox import Mail, Withheld


def render_admitted(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "You can come in now": only while this guardianship is admitted and open."""
    uids = [row.subject_uid for row in rows]
    admissions = Guardianship.objects.admitted().active(now=now).filter(uid__in=uids).select_related("child__school")
    schools = {guardianship.uid: guardianship.child.school for guardianship in admissions}
    for row in rows:
        school = schools.get(row.subject_uid)
        yield _mail(row, school, "admitted") if school else Withheld("no longer admitted")


def render_invited(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """The way in for a first directie or IT administrator: only while the invitation can be used."""
    uids = [row.subject_uid for row in rows]
    invitations = Invitation.objects.usable(now=now).filter(uid__in=uids).select_related("staff__school")
    schools = {invitation.uid: invitation.staff.school for invitation in invitations if invitation.staff}
    for row in rows:
        school = schools.get(row.subject_uid)
        yield _mail(row, school, "invited") if school else Withheld("used, withdrawn or expired")


def render_codes(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """A code, while it can be used. The digits are made here: no page, row or log holds them."""
    open_ones = Code.objects.filter(uid__in=[row.subject_uid for row in rows], used_at=None, expires_at__gt=now)
    codes_by_uid = {code.uid: code for code in open_ones}
    for row in rows:
        code = codes_by_uid.get(row.subject_uid)
        if row.recipient is None:
            yield Withheld("an address nobody knows")
        elif code is None:
            yield Withheld("used, or too old")
        else:
            with translation.override(row.recipient.language):
                yield _code_mail(row, code) if code.user_id else _no_password_mail()


def _code_mail(row: OutboxItem, code: Code) -> Mail:
    shown = codes.as_shown(code, row.address)
    context = {"code": shown, "until": code.expires_at, "is_long": code.is_long}
    new_password = code.purpose == CodePurpose.PASSWORD
    return _made("code", _("Your code for a new password") if new_password else _("Your code for Kring"), context)


def _no_password_mail() -> Mail:
    url = settings.KRING_BASE_URL + reverse("account_login")
    return _made("no_password", _("You have no password for Kring"), {"url": url})


def _made(template: str, subject: str, context: dict[str, object]) -> Mail:
    words = {**context, "subject": subject}
    text, html = (render_to_string(f"emails/{template}.{kind}", words) for kind in ("txt", "html"))
    return Mail(subject=subject, text=text, html=html)


def render_notices(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail]:
    """What happened to an account, and when: its three days began then."""
    for row in rows:
        notice = NOTICES[row.subject_kind]
        context = {"notice": notice, "at": cast("datetime", row.expires_at) - TRIED_FOR}
        with translation.override(language_of(row)):
            yield Mail(
                subject=str(notice.subject),
                text=render_to_string("emails/account_notice.txt", context),
                html=render_to_string("emails/account_notice.html", context),
            )


def language_of(row: OutboxItem) -> str:
    """Of who gets it, or of the school where nobody is known at the address."""
    return row.recipient.language if row.recipient else settings.LANGUAGE_CODE


def render_staff_welcome(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "You can come in now", to staff: while the address claims the record, and nobody came in with it."""
    for row in rows:
        members = StaffMember.objects.claimable_by([row.address], now=now).filter(uid=row.subject_uid)
        staff = members.select_related("school").first()
        yield _mail(row, staff.school, "staff_welcome") if staff else Withheld("in already, or no way in any more")


def render_staff_arrived(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "A colleague came in", to who can say whether it is them; who it is stands in Kring only."""
    for row in rows:
        staff = StaffMember.objects.filter(uid=row.subject_uid).select_related("school").first()
        mine = (
            StaffMember.objects.held_by(Actor(row.recipient, Hat.ANY, now)).filter(school=staff.school)
            if staff
            else None
        )
        if staff is None or mine is None or not mine.exists():
            yield Withheld("no colleague any more")
        else:
            yield _mail(row, staff.school, "staff_arrived", reverse("groups:know_colleague", args=[staff.uid]))


def _mail(row: OutboxItem, school: School, template: str, path: str = "") -> Mail:
    with translation.override(language_of(row)):
        context = {
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + (path or reverse("account_login")),
            "address": row.recipient.email if row.recipient else row.address,
        }
        return Mail(
            subject=" ".join((_("%(school)s in Kring") % {"school": school.name}).split()),
            text=render_to_string(f"emails/{template}.txt", context),
            html=render_to_string(f"emails/{template}.html", context),
        )
