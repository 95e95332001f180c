"""What happens to accounts, for the trail: who came in, who was refused, which keys were changed.

Each event stands once for every school that knows the person, so that a school's trail is whole.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import School
from groups.roles import Hat
from portal.core import audit
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, User

REFUSED = "account.refused"
WITHIN = timedelta(hours=1)
MOST_OF_ONE = 20
MOST_OF_STRANGERS = 200
"""So many refusals are written down within the hour; what comes on top is a flood, and says nothing new."""


def note_account(*, happened: str, user: User, by: Actor, **facts: object) -> None:
    """Write down that this happened to the account of `user`, by `by`: that person, or who decided about it."""
    _record(f"account.{happened}", user, by.wearing(Hat.ANY), facts)


def note_refusal(*, how: str, user: User | None, now: datetime) -> None:
    """Write down that somebody could not prove to be `user`, or was nobody we know (None); `how` is what was tried.

    No address, and nobody as the one who did it: that is what was not proved. A flood does not fill the trail.
    """
    most = MOST_OF_ONE if user else MOST_OF_STRANGERS
    about = AuditEvent.objects.filter(subject_kind="user", subject_uid=user.uid if user else None, verb=REFUSED)
    if about.filter(at__gt=now - WITHIN, at__lte=now).count() < most:
        _record(REFUSED, user, clock(now), {"how": how})


def _record(verb: str, user: User | None, by: Actor, facts: dict[str, object]) -> None:
    uid = user.uid if user else None
    for school in _schools_of(user):
        audit.record(verb, by=by, subject_kind="user", subject_uid=uid, school_uid=school, **facts)


def _schools_of(user: User | None) -> Iterable[UUID | None]:
    """The schools that have a record of this person; None when no school has.

    Asked about nobody as well: the time that a refusal takes tells nothing of whether the address is somebody's.
    """
    whose = user.pk if user else 0
    known: list[QuerySet] = [
        rows.objects.filter(user=whose).values("school") for rows in (Caregiver, StaffMember, Child)
    ]
    schools = School.objects.filter(pk__in=known[0].union(*known[1:]))
    return list(schools.order_by("pk").values_list("uid", flat=True)) or [None]
