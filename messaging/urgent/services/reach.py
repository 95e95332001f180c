"""Where an urgent message came: each adult, each family, and whom to phone. For the directie and whom it named.

So many statements for one class as for a whole school.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from groups.models import Caregiver, Child, Enrolment, Guardianship
from groups.records.services.bylines import byline_at
from groups.roles import Hat
from messaging.urgent.domain import AdultReached, Arrival, FamilyReached, UrgentReach, in_phone_order
from messaging.urgent.models import PhoneCall, UrgentMessage
from messaging.urgent.services.sending import URGENT
from messaging.writings.models import Post, Seen
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.models import OutboxItem, OutboxState

UNDER_WAY = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.SENDING)


class _Known(NamedTuple):
    """What is known of the accounts and the adults, by their keys."""

    seen: set[int]
    mails: dict[int, str]
    calls: dict[int, PhoneCall]


def find_urgent(uid: UUID, *, actor: Actor) -> UrgentMessage | None:
    """An urgent message of a school where `actor` may send one; None for anybody else."""
    rows = UrgentMessage.objects.visible_to(actor.wearing(Hat.STAFF)).filter(post__uid=uid)
    return rows.select_related("post__group", "post__school").first()


def reach_of_urgent(urgent: UrgentMessage, *, actor: Actor) -> UrgentReach:
    """Of each family of its group, adult by adult. A shielded child is named to its team and the directie only."""
    families = _families(urgent.post, actor)
    known = _known(urgent.post)
    found = []
    for children, adults in families:
        reached = [_adult(one, known) for one in adults]
        found.append(FamilyReached(children, sorted(reached, key=lambda one: (-one.arrival, one.name))))
    return UrgentReach(in_phone_order(found))


def _families(post: Post, actor: Actor) -> Iterable[tuple[list[str], list[Caregiver]]]:
    """The children's names and the adults who may know, by family; one whom two children share stands once."""
    here = Enrolment.objects.active(now=actor.now).filter(group=post.group_id)
    here = here.filter(child__in=Child.objects.nameable_to(actor.wearing(Hat.STAFF)))
    rows = here.annotate(family=Guardianship.objects.family_of("child", now=actor.now))
    children: dict[str, list[str]] = defaultdict(list)
    family_of: dict[int, str] = {}
    for row in rows.select_related("child").order_by("child__first_name", "child__last_name", "pk"):
        family_of[row.child_id] = row.family
        children[row.family].append(row.child.full_name)
    adults: dict[str, dict[int, Caregiver]] = defaultdict(dict)
    guardianships = Guardianship.objects.admitted().active(now=actor.now).filter(child__in=here.values("child"))
    for guardianship in guardianships.select_related("caregiver"):
        adults[family_of[guardianship.child_id]][guardianship.caregiver_id] = guardianship.caregiver
    return [(names, list(adults[family].values())) for family, names in children.items()]


def _known(post: Post) -> _Known:
    mails = OutboxItem.objects.filter(kind=URGENT, subject_uid=post.uid)
    return _Known(
        set(Seen.objects.filter(writing=post.pk).values_list("user", flat=True)),
        {user: state for user, state in mails.values_list("recipient", "state") if user},
        {call.caregiver_id: call for call in PhoneCall.objects.filter(post=post)},
    )


def _adult(caregiver: Caregiver, known: _Known) -> AdultReached:
    call = known.calls.get(caregiver.pk)
    told = (call.caller_name, call.called_at) if call else ("", None)
    return AdultReached(caregiver.uid, caregiver.full_name, _arrival(caregiver, known), caregiver.phone, *told)


def _arrival(caregiver: Caregiver, known: _Known) -> Arrival:
    if caregiver.user_id in known.seen:
        return Arrival.READ
    if caregiver.pk in known.calls:
        return Arrival.CALLED
    state = known.mails.get(caregiver.user_id or 0, "")
    if state == OutboxState.ACCEPTED:
        return Arrival.ARRIVED
    return Arrival.UNDER_WAY if state in UNDER_WAY else Arrival.NOT


def note_call(*, urgent: UrgentMessage, caregiver: UUID, was_called: bool, by: Actor) -> None:
    """Remember that `by` told this adult by phone, or that it was ticked by mistake; the first who did stays.

    Raises `PermissionDenied`, also about an adult who is not of this group.
    """
    access.demand(find_urgent(urgent.post.uid, actor=by) is not None)
    concerned = {adult.pk: adult for _, adults in _families(urgent.post, by) for adult in adults}
    chosen = next((adult for adult in concerned.values() if adult.uid == caregiver), None)
    if chosen is None:
        raise PermissionDenied
    with transaction.atomic():
        if was_called:
            name = byline_at(user=by.user, school=urgent.post.school_id).name
            call = PhoneCall(post=urgent.post, caregiver=chosen, called_by=by.user, caller_name=name, called_at=by.now)
            PhoneCall.objects.bulk_create([call], ignore_conflicts=True)
        else:
            PhoneCall.objects.filter(post=urgent.post, caregiver=chosen).delete()
        audit.note("urgent.called", chosen, subject_kind="caregiver", by=by, called=was_called)
