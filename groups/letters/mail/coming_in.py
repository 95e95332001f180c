"""Mails that somebody can come in, or came in: rendered when they leave: whoever is no longer meant gets nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.accounts.mail import language_of
from groups.letters.models.invitations import Invitation
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import School
from groups.records.models.truth import Guardianship
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_admitted(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "You can come in now": only while this guardianship is admitted and the address claims the record."""
    claimable = Caregiver.objects.claimable_by([row.address for row in rows], now=now)
    admissions = Guardianship.objects.admitted().active(now=now).filter(caregiver__in=claimable)
    admissions = admissions.filter(uid__in=[row.subject_uid for row in rows]).select_related("caregiver__school")
    schools = {(one.uid, one.caregiver.email): one.caregiver.school for one in admissions}
    for row in rows:
        school = schools.get((row.subject_uid, row.address)) if row.subject_uid else None
        yield _mail(row, school, "admitted") if school else Withheld("no longer admitted, or no way in any more")


def render_invited(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """The way in for a first directie or IT administrator: only while the invitation can be used, or to the account
    that is in with it.
    """
    uids = [row.subject_uid for row in rows]
    invitations = Invitation.objects.filter(uid__in=uids, staff__isnull=False).select_related("staff__school")
    usable = {one.uid: one.staff for one in invitations.usable(now=now)}
    used = {one.uid: one.staff for one in invitations}
    for row in rows:
        staff = (used if row.recipient_id else usable).get(row.subject_uid) if row.subject_uid else None
        if staff and staff.user_id == row.recipient_id:
            yield _mail(row, staff.school, "invited", reverse("home") if row.recipient_id else "")
        else:
            yield Withheld("used, withdrawn or expired")


def render_parent_welcome(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "School opened Kring", to a caregiver: while the address claims the record, and nobody came in with it."""
    caregivers = Caregiver.objects.claimable_by([row.address for row in rows], now=now).select_related("school")
    schools = {(one.uid, one.email): one.school for one in caregivers}
    for row in rows:
        school = schools.get((row.subject_uid, row.address)) if row.subject_uid else None
        yield _mail(row, school, "parent_welcome") if school else Withheld("in already, or no way in any more")


def render_staff_welcome(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "You can come in now", to staff: while the address claims the record, and nobody came in with it; or to the
    account that was in at once.
    """
    for row in rows:
        if row.recipient:
            members = StaffMember.objects.held_by(Actor(row.recipient, Hat.ANY, now))
        else:
            members = StaffMember.objects.claimable_by([row.address], now=now)
        staff = members.filter(uid=row.subject_uid).select_related("school").first()
        if staff:
            yield _mail(row, staff.school, "staff_welcome", reverse("home") if row.recipient else "")
        else:
            yield Withheld("in already, or no way in any more")


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


def render_pupil_arrived(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "A pupil came in", to the parents with authority and to who teaches the pupil by then, while it is so."""
    letters = Invitation.objects.filter(uid__in=[row.subject_uid for row in rows], child__user=F("used_by"))
    by_uid = {letter.uid: letter.child for letter in letters.select_related("child__school")}
    for row in rows:
        pupil = by_uid.get(row.subject_uid) if row.subject_uid else None
        if pupil and row.recipient and _knows(row.recipient, pupil, now):
            yield _mail(row, pupil.school, "pupil_arrived", reverse("groups:help"), name=pupil.first_name)
        else:
            yield Withheld("taken off, or no parent or teacher of the pupil any more")


def _knows(user: User, pupil: Child, now: datetime) -> bool:
    here = Child.objects.filter(pk=pupil.pk)
    is_family = here.parented_by(Actor(user, Hat.FAMILY, now)).exists()
    return is_family or here.taught_by(Actor(user, Hat.STAFF, now)).exists()


def _mail(row: OutboxItem, school: School, template: str, path: str = "", **more: str) -> Mail:
    with translation.override(language_of(row)):
        context = {
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + (path or reverse("account_login")),
            "address": row.recipient.email if row.recipient else row.address,
            "is_in": row.recipient is not None,
            **more,
        }
        return Mail(
            subject=" ".join((_("%(school)s in Kring") % {"school": school.name}).split()),
            text=render_to_string(f"emails/{template}.txt", context),
            html=render_to_string(f"emails/{template}.html", context),
        )
