"""The receipt of a no: counts the photos that it keeps away, once, and tells whoever said it, once. It hides nothing.

The photos are away already: `PlacementQuerySet` asks consent when a photo is read. A lost, late or repeated task
changes nothing but when the receipt comes.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Clearance, Decision, Reluctance
from groups.models import Child, Guardianship
from messaging.photos.models import Depiction, FollowedRefusal, Placement
from messaging.writings.models import WritingState
from portal.core import outbox
from portal.core.models import User

AT_A_TIME = 200
KIND = "photos_hidden"


def follow_refusals(*, now: datetime) -> int:
    """Count for every no to photos in the groups what it keeps away now, and put one mail about it in the outbox.

    So too for a child's own "liever niet" (POL-45): where its parents read that it rather not, each of them with
    authority gets the mail. Which ones are left to do is what has no `FollowedRefusal` yet. A place remembered in a row
    of numbers would not do: a no with a lower number can be committed after one with a higher, and would never be
    followed. No photos: no mail, and followed all the same. Repeatable. Returns how many were followed.
    """
    followed = 0
    while refusals := _unfollowed():
        with transaction.atomic():
            _follow(refusals, now)
        followed += len(refusals)
    while reluctances := _unfollowed_reluctances():
        with transaction.atomic():
            _follow_reluctances(reluctances, now)
        followed += len(reluctances)
    return followed


def _unfollowed() -> list[Decision]:
    refusals = Decision.objects.filter(says=Says.NO, purpose__key=IMAGES, followed__isnull=True)
    people = refusals.select_related("caregiver__user", "child__user", "adult", "school")
    return list(people.order_by("pk")[:AT_A_TIME])


def _follow(refusals: Sequence[Decision], now: datetime) -> None:
    children = _of_children({one.child_id for one in refusals if one.child_id}, now)
    adults = _of_adults({one.adult_id for one in refusals if one.adult_id}, now)
    counts = {one.pk: len(children[one.child_id] if one.child_id else adults[one.adult_id or 0]) for one in refusals}
    FollowedRefusal.objects.bulk_create(
        [FollowedRefusal(decision=one, hidden=counts[one.pk], followed_at=now) for one in refusals],
        ignore_conflicts=True,
    )
    for refusal in refusals:
        recipient = decider_of(refusal)
        if counts[refusal.pk] and recipient:
            _tell(refusal, "decision", recipient, now, key=f"{refusal.uid}")


def _unfollowed_reluctances() -> list[Reluctance]:
    rows = Reluctance.objects.filter(followed__isnull=True).select_related("school")
    return list(rows.order_by("pk")[:AT_A_TIME])


def _follow_reluctances(reluctances: Sequence[Reluctance], now: datetime) -> None:
    """What was taken back already keeps nothing away."""
    standing = {one.child_id for one in reluctances if one.ended_at is None}
    hidden = _of_children(standing, now)
    counts = {one.pk: 0 if one.ended_at else len(hidden[one.child_id]) for one in reluctances}
    FollowedRefusal.objects.bulk_create(
        [FollowedRefusal(reluctance=one, hidden=counts[one.pk], followed_at=now) for one in reluctances],
        ignore_conflicts=True,
    )
    readers = readers_of([one for one in reluctances if counts[one.pk]], now=now)
    for reluctance in reluctances:
        for recipient in readers[reluctance.pk]:
            _tell(reluctance, "reluctance", recipient, now, key=f"{reluctance.uid}:{recipient.uid}")


def readers_of(reluctances: Collection[Reluctance], *, now: datetime) -> dict[int, list[User]]:
    """Of each, by primary key, the parents with authority who came in; nobody where the family is not told."""
    reluctances_told = Reluctance.objects.told_to_family(now=now).filter(pk__in=[one.pk for one in reluctances])
    holders = Guardianship.objects.deciding().active(now=now).filter(caregiver__user__is_active=True)
    rows = holders.filter(child__reluctances__in=reluctances_told).order_by("pk")
    readers: dict[int, dict[int, User]] = defaultdict(dict)
    for row in rows.annotate(about=F("child__reluctances")).select_related("caregiver__user"):
        if row.caregiver.user is not None:
            readers[row.about][row.caregiver.user.pk] = row.caregiver.user
    return defaultdict(list, {pk: list(users.values()) for pk, users in readers.items()})


def _of_children(children: Collection[int], now: datetime) -> dict[int, set[int]]:
    """The photos (keys) that are away because of each of these children: marked on them, or perhaps on them."""
    placed = Placement.objects.filter(writing__state=WritingState.PUBLISHED)
    barred = placed.barred(Depiction.objects.filter(child__in=children), now=now)
    hiding = placed.exclude(school__consent_rules__hide_unseen=False)
    schools = Child.objects.filter(pk__in=children).values("school")
    refused = Clearance.objects.refusals(IMAGES, schools=schools, now=now).filter(child__in=children)
    standing = hiding.filter(removed_at__isnull=True, writing__group__isnull=False)
    doubts = standing.doubts_about(refused).filter(photo__in=standing.values("image"))
    return _sets([*barred.values_list("about", "image"), *doubts.values_list("child", "photo")])


def _of_adults(adults: Collection[int], now: datetime) -> dict[int, set[int]]:
    placed = Placement.objects.filter(writing__state=WritingState.PUBLISHED)
    return _sets(placed.barred(Depiction.objects.filter(adult__in=adults), now=now).values_list("adult", "image"))


def _sets(pairs: Collection[tuple[int, int]]) -> dict[int, set[int]]:
    sets: dict[int, set[int]] = defaultdict(set)
    for person, image in pairs:
        sets[person].add(image)
    return sets


def decider_of(decision: Decision) -> User | None:
    """Who said it, when that person came in: a caregiver, a pupil about himself, an adult about himself."""
    if decision.caregiver:
        return decision.caregiver.user
    return decision.child.user if decision.child else decision.adult


def _tell(said: Decision | Reluctance, kind: str, recipient: User, now: datetime, *, key: str) -> None:
    outbox.enqueue(
        KIND,
        recipient=recipient,
        subject_kind=kind,
        subject_uid=said.uid,
        dedupe_key=f"{KIND}:{key}",
        now=now,
        school_uid=said.school.uid,
    )
