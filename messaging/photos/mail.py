"""The receipt of a no: how many photos are away since when. Rendered when it leaves; no names in the subject."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from consent.models import Decision, Reluctance
from groups.models import Child
from groups.roles import Hat
from messaging.photos.models import FollowedRefusal
from messaging.photos.services.refusals import readers_of
from portal.core.actor import Actor
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_receipts(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """One mail for each no, to who said it, as long as that person still decides for the child.

    And for a child's own "liever niet", to the parents who are told of it, as long as it stands.
    """
    uids = [row.subject_uid for row in rows]
    followed = FollowedRefusal.objects.filter(Q(decision__uid__in=uids) | Q(reluctance__uid__in=uids))
    people = ("decision__child__user", "decision__school", "reluctance__child", "reluctance__school")
    refusals = {_said(one).uid: one for one in followed.select_related(*people)}
    reading = _reading([row.recipient for row in rows if row.recipient], refusals, now)
    for row in rows:
        refusal = refusals.get(row.subject_uid)
        if refusal and row.recipient and (row.recipient.pk, row.subject_uid) in reading:
            yield _mail(row.recipient, refusal)
        else:
            yield Withheld("does not decide for this child any more, or it was taken back")


def _said(refusal: FollowedRefusal) -> Decision | Reluctance:
    answer = refusal.decision or refusal.reluctance
    if answer is None:
        raise ValueError(refusal.pk)
    return answer


def _reading(readers: Sequence[User], refusals: dict[UUID, FollowedRefusal], now: datetime) -> set[tuple[int, UUID]]:
    """Which reader still stands behind which no, or is told of which "liever niet" that stands."""
    spoken = {one.reluctance.pk: uid for uid, one in refusals.items() if one.reluctance}
    told_readers = readers_of([one.reluctance for one in refusals.values() if one.reluctance], now=now)
    pairs = {(reader.pk, spoken[pk]) for pk, parents in told_readers.items() for reader in parents}
    for reader in readers:
        own = set(Child.objects.parented_by(Actor(reader, Hat.ANY, now)).values_list("pk", flat=True))
        for uid, refusal in refusals.items():
            if decision := refusal.decision:
                himself = reader.pk == (decision.child.user_id if decision.child else decision.adult_id)
                if himself or decision.child_id in own:
                    pairs.add((reader.pk, uid))
    return pairs


def _mail(reader: User, refusal: FollowedRefusal) -> Mail:
    answer = _said(refusal)
    about_himself = answer.child is None or answer.child.user_id == reader.pk
    with translation.override(reader.language):
        context = {
            "photos": refusal.hidden,
            "since": answer.decided_at if isinstance(answer, Decision) else answer.recorded_at,
            "child": "" if about_himself or answer.child is None else answer.child.first_name,
            "by_child": refusal.reluctance is not None,
            "school": answer.school.name,
            "school_phone": answer.school.phone,
            "url": settings.KRING_BASE_URL + reverse("consent:own_choices" if about_himself else "consent:choices"),
        }
        return Mail(
            subject=_("Photos are not shown any more"),
            text=render_to_string("emails/photos_hidden.txt", context),
            html=render_to_string("emails/photos_hidden.html", context),
        )
