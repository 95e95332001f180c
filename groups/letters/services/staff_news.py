"""Who hears that a colleague came in by a letter, or by an address that somebody at school typed."""

from datetime import datetime

from groups.accounts.services.notices import TRIED_FOR
from groups.records.models.people import StaffMember
from portal.core import outbox


def tell_colleagues(staff: StaffMember, *, now: datetime) -> int:
    """Mail everybody on the same staff who is in, once each and at once; returns how many.

    Everybody, as in a small school the one who printed and the one who teaches beside may be the same person.
    """
    colleagues = StaffMember.objects.serving(now=now).filter(school=staff.school_id, user__isnull=False)
    users = {one.user_id: one.user for one in colleagues.exclude(user=staff.user_id).select_related("user")}
    for key, user in users.items():
        outbox.enqueue(
            "staff_arrived",
            recipient=user,
            subject_kind="staff",
            subject_uid=staff.uid,
            dedupe_key=f"staff_arrived:{staff.uid}:{now.isoformat()}:{key}",
            school_uid=staff.school.uid,
            now=now,
            expires_at=now + TRIED_FOR,
        )
    return len(users)
