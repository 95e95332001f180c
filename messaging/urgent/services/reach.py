"""Where an urgent or essential message came: each adult, each family, whom to phone. For directie and deputies.

So many statements for one class as for a whole school.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from groups.models import Caregiver, Child, Enrolment, Guardianship, School
from groups.records.querysets.truth import with_family
from groups.records.services.bylines import byline_at
from groups.roles import Hat
from messaging.urgent.domain import AdultReached, Arrival, FamilyReached, ReachOfAll, in_phone_order
from messaging.urgent.models import FollowUp, PhoneCall
from messaging.urgent.querysets import alarmed_by
from messaging.urgent.services.kinds import TELLING
from messaging.urgent.services.telling import mails_about
from messaging.writings.models import Post, Seen, WritingState
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import OutboxItem, OutboxState
from portal.core.searching import Abc

UNDER_WAY = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.SENDING)


class _Known(NamedTuple):
    """What is known of the accounts and the adults, by their keys."""

    seen: set[int]
    mails: dict[int, str]
    calls: dict[int, PhoneCall]


def find_followed(uid: UUID, *, actor: Actor) -> Post | None:
    """An urgent or essential message of a school where `actor` may send what cannot wait; None for anybody else."""
    schools = alarmed_by(actor.wearing(Hat.STAFF))
    rows = Post.objects.filter(Q(urgent__isnull=False) | Q(is_essential=True), school__in=schools.values("pk"), uid=uid)
    placed = rows.filter(state=WritingState.PUBLISHED, published_at__lte=actor.now)
    return placed.select_related("group", "school", "follow_up", "urgent").first()


def is_urgent(post: Post | None) -> bool:
    """Whether it was sent as what cannot wait; the other kind every family has to read."""
    return hasattr(post, "urgent")


def reach_of(post: Post, *, actor: Actor) -> ReachOfAll:
    """Of each family of its group, adult by adult. A shielded child is named to its team and the directie only.

    Without the number of who brings up a child together with `actor`: somebody else phones there (POL-30).
    """
    families = _families(post, actor)
    known = _known(post)
    found = []
    for children, adults in families:
        reached = [_adult(one, known) for one in adults]
        found.append(FamilyReached(children, sorted(reached, key=lambda one: (-one.arrival, one.name))))
    return ReachOfAll(in_phone_order(found))


def _families(post: Post, actor: Actor) -> Iterable[tuple[list[str], list[Caregiver]]]:
    """The children's names and the adults who may know, by family; one whom two children share stands once."""
    here = Enrolment.objects.active(now=actor.now).filter(group=post.group_id)
    here = here.filter(child__in=Child.objects.nameable_to(actor.wearing(Hat.STAFF)))
    rows = with_family(here, now=actor.now)
    children: dict[int, list[str]] = defaultdict(list)
    family_of: dict[int, int] = {}
    for row in rows.select_related("child").order_by(Abc("child__first_name"), Abc("child__last_name"), "pk"):
        family_of[row.child_id] = row.family
        children[row.family].append(row.child.full_name)
    adults: dict[int, dict[int, Caregiver]] = defaultdict(dict)
    guardianships = Guardianship.objects.admitted().active(now=actor.now).filter(child__in=here.values("child"))
    for guardianship in guardianships.annotate(is_beside=_beside(actor)).select_related("caregiver"):
        if guardianship.is_beside and guardianship.caregiver.user_id != actor.user.pk:
            guardianship.caregiver.phone = ""
        adults[family_of[guardianship.child_id]][guardianship.caregiver_id] = guardianship.caregiver
    return [(names, list(adults[family].values())) for family, names in children.items()]


def _beside(actor: Actor) -> Exists:
    """Whether this caregiver is, or was, an adult of a child of `actor`."""
    return Exists(Guardianship.objects.with_children_of(actor).filter(caregiver=OuterRef("caregiver")))


def _known(post: Post) -> _Known:
    """With the mail of this message alone, and what held it among others; of two the one that arrived.

    Or held what was written together with it, as of several one is mailed. Not what said it of another day: that one
    does not know.
    """
    together = Post.objects.together_with(post).values("pk")
    held = OutboxItem.objects.filter(digest_items__post__in=together, digest_items__attempt=F("attempts"))
    both = (mails_about(*TELLING, post=post), held.filter(due_at__gte=post.asks_since))
    states = sorted(chain(*(rows.values_list("recipient", "state") for rows in both)), key=_how_far)
    return _Known(
        set(Seen.objects.standing().filter(writing=post.pk).values_list("user", flat=True)),
        {user: state for user, state in states if user},
        {call.caregiver_id: call for call in PhoneCall.objects.filter(post=post)},
    )


def _how_far(mail: tuple[int | None, str]) -> tuple[bool, bool]:
    return mail[1] == OutboxState.ACCEPTED, mail[1] in UNDER_WAY


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


def note_call(*, post: Post, caregiver: UUID, was_called: bool, by: Actor) -> None:
    """Remember that `by` told this adult by phone, or that it was ticked by mistake; the first who did stays.

    Raises `PermissionDenied`, also about an adult who is not of this group.
    """
    access.demand(find_followed(post.uid, actor=by) is not None)
    concerned = {adult.pk: adult for _, adults in _families(post, by) for adult in adults}
    chosen = next((adult for adult in concerned.values() if adult.uid == caregiver), None)
    if chosen is None:
        raise PermissionDenied
    with transaction.atomic():
        if was_called:
            name = byline_at(user=by.user, school=post.school_id).name
            call = PhoneCall(post=post, caregiver=chosen, called_by=by.user, caller_name=name, called_at=by.now)
            PhoneCall.objects.bulk_create([call], ignore_conflicts=True)
        else:
            PhoneCall.objects.filter(post=post, caregiver=chosen).delete()
        audit.note("urgent.called", chosen, subject_kind="caregiver", by=by, called=was_called)


def follow_ups_at(school: School, *, by: Actor) -> list[FollowUp]:
    """Of which messages of this school families have to be phoned; for who does that, with a desk or without one."""
    return _followed_at(school=school, actor=by.wearing(Hat.STAFF))


@compiled
def _followed_at(school: School, actor: Actor) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.waiting_for(actor).filter(post__school=school)
    return rows.select_related("post__group").order_by("waits_since", "pk")


def end_follow_up(*, post: Post, by: Actor) -> None:
    """Who remained has it on paper: it waits for nobody any more; idempotent. Raises `PermissionDenied`."""
    access.demand(find_followed(post.uid, actor=by) is not None)
    with transaction.atomic():
        if FollowUp.objects.open().filter(post=post).update(ended_at=by.now, ended_by=by.user):
            audit.note("urgent.followed", post, subject_kind="post", by=by)
