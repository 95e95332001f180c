"""Who hears that a pupil came in with a letter: somebody who knows the pupil says so when it was another."""

from datetime import datetime

from groups.letters.models.invitations import Invitation
from groups.records.domain.working_hours import next_reading_moment
from groups.records.models.people import Child
from groups.records.models.truth import Guardianship
from groups.records.services.contacts import teachers_of
from groups.records.services.working import days_off_of
from portal.core import outbox
from portal.core.models import User


def tell_of_pupil(pupil: Child, *, letter: Invitation, now: datetime) -> None:
    """Mail the parents with authority who are in, at once, and who teaches the pupil, in their own hours (POL-27)."""
    rows = Guardianship.objects.deciding().active(now=now).filter(child=pupil, caregiver__user__isnull=False)
    due = {row.caregiver.user: now for row in rows.select_related("caregiver__user")}
    off = days_off_of(pupil.school)
    teaching = [teacher.staff for teacher in teachers_of(pupil, now=now) if teacher.staff.user_id]
    due |= {staff.user: next_reading_moment(staff.hours, now, off) for staff in teaching}
    for user, moment in due.items():
        if user:
            _enqueue(pupil, letter, to=user, now=now, due_at=moment)


def _enqueue(pupil: Child, letter: Invitation, *, to: User, now: datetime, due_at: datetime) -> None:
    outbox.enqueue(
        "pupil_arrived",
        recipient=to,
        subject_kind="invitation",
        subject_uid=letter.uid,
        dedupe_key=f"pupil_arrived:{letter.uid}:{to.pk}",
        school_uid=pupil.school.uid,
        now=now,
        due_at=due_at,
    )
