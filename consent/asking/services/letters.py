"""Which families are written to about consent, and when. Idempotent: each letter reaches each person once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from consent.asking.domain.rounds import RoundMail, letters_at
from consent.asking.models import ConsentRound, Purpose
from consent.asking.querysets import deciding_guardianships
from groups.models import Child, Group, Membership, School
from groups.records.policies import can_direct
from groups.records.querysets.periods import at_school_at
from groups.roles import VIEW
from portal.core import access, audit, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import at_school, slot_end
from portal.core.models import User

SETTLING_IN = timedelta(hours=1)
IS_NEW = timedelta(days=2)


def mail_rounds(*, now: datetime) -> int:
    """Write what open rounds have to say at `now`, and to families that came in; returns how many mails are new.

    A round writes to everybody who decides, with the present choices, as it opens; later only to who has still to
    answer. Of who decides for himself it writes to those whose yes ends with it. A family that came in is asked once,
    after an hour in which it may have chosen already, unless a round has opened since and asks it.
    """
    with transaction.atomic():
        return _write_about_rounds(now) + _ask_who_came_in(now)


def _write_about_rounds(now: datetime) -> int:
    written = 0
    for opened in ConsentRound.objects.open(now=now).select_related("school"):
        for letter in letters_at(now, opens_at=opened.opens_at, closes_at=opened.closes_at):
            everybody = deciding_guardianships(now=now) if letter == RoundMail.OPENED else waiting_in(opened, now=now)
            written += outbox.enqueue_many(
                letter,
                recipients=_accounts(everybody.filter(child__school=opened.school))
                | asked_about_oneself(opened, now=now),
                subject_kind="consent_round",
                subject_uid=opened.uid,
                key=f"{letter}:{opened.uid}",
                now=now,
                school_uid=opened.school.uid,
            )
    return written


def waiting_in(opened: ConsentRound, *, now: datetime) -> QuerySet:
    """Guardianships whose caregiver has still to answer what this round asks."""
    return Purpose.objects.filter(asked_in__round=opened).waiting_on(now=now)


def asked_about_oneself(opened: ConsentRound, *, now: datetime) -> QuerySet[User]:
    """Pupils and adults of the school whose yes about the own image ends with this round, unless they say it again."""
    yeses = Purpose.objects.filter(asked_in__round=opened).own_yes_asked_again(now=now)
    here = Membership.objects.held(VIEW, now=now).filter(group__school=opened.school_id)
    pupils = yeses.filter(at_school_at(now, "child__")).exclude(child__in=Child.objects.shielded(now=now).values("pk"))
    adults = yeses.filter(adult__in=here.values("user"))
    told = Q(pk__in=pupils.values("child__user")) | Q(pk__in=adults.values("adult"))
    return User.objects.filter(told, is_active=True)


def _ask_who_came_in(now: datetime) -> int:
    since = ConsentRound.objects.open(now=now).filter(
        school=OuterRef("child__school"), opens_at__gt=OuterRef("caregiver__joined_at")
    )
    waiting = Purpose.objects.asked().waiting_on(now=now).filter(~Exists(since))
    new = waiting.filter(caregiver__joined_at__gt=now - IS_NEW, caregiver__joined_at__lte=now - SETTLING_IN)
    written = 0
    for school in School.objects.filter(pk__in=new.values("child__school")):
        written += outbox.enqueue_many(
            RoundMail.ENTRY,
            recipients=_accounts(new.filter(child__school=school)),
            subject_kind="school",
            subject_uid=school.uid,
            key=f"{RoundMail.ENTRY}:{school.uid}",
            now=now,
            school_uid=school.uid,
        )
    return written


def remind_families(*, group: Group, by: Actor) -> int:
    """The directie's one button: write to who has still to answer about a child of `group`; returns how many mails.

    At most one a day to the same person, whoever presses. Raises `PermissionDenied`.
    """
    access.demand(can_direct(by, group.school))
    children = Child.objects.enrolled_in([group.pk], now=by.now)
    waiting = Purpose.objects.asked().waiting_on(now=by.now).filter(child__in=children)
    with transaction.atomic():
        written = outbox.enqueue_many(
            RoundMail.REMINDER,
            recipients=_accounts(waiting),
            subject_kind="school",
            subject_uid=group.school.uid,
            key=f"{RoundMail.REMINDER}:{group.school.uid}:{at_school(by.now):%Y-%m-%d}",
            now=by.now,
            school_uid=group.school.uid,
        )
        audit.note("consent.reminded", group, subject_kind="group", by=by, mails=written)
    return written


def _accounts(guardianships: QuerySet) -> QuerySet[User]:
    return User.objects.filter(pk__in=guardianships.values("caregiver__user"), is_active=True)


def send_receipt(*, to: User, school: School, now: datetime) -> None:
    """Put a receipt of what `to` just chose at `school` in the outbox; what comes within ten minutes is one mail."""
    end = slot_end(now)
    outbox.enqueue(
        "consent_receipt",
        recipient=to,
        subject_kind="user",
        subject_uid=to.uid,
        dedupe_key=f"consent_receipt:{to.uid}:{school.uid}:{end.timestamp():.0f}",
        now=now,
        due_at=end,
        school_uid=school.uid,
    )
