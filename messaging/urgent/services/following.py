"""What every family has to read, one day and two days later: a mail to who did not read it, then the desk (POL-30)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from groups.models import Caregiver, Enrolment, Guardianship
from messaging.urgent.domain import FOLLOWED_FOR, PHONED_AFTER, REMINDED_AFTER
from messaging.urgent.models import FollowUp, PhoneCall
from messaging.urgent.services.kinds import ESSENTIAL, ESSENTIAL_ON_PHONE
from messaging.urgent.services.readers import readers_of, told_of
from messaging.writings.models import Post, Seen, WritingState
from portal.core import outbox
from portal.core.models import PushDevice
from portal.core.phones import vapid


def follow_essentials(*, now: datetime) -> int:
    """Begin what is a day old, and go on with what was begun; returns how many mails are new. Repeatable.

    Two who do it at once send each mail once: a message is begun once, and a mail has its key.
    """
    standing = Post.objects.filter(is_essential=True, state=WritingState.PUBLISHED, urgent__isnull=True)
    due = standing.filter(published_at__lte=now - REMINDED_AFTER, published_at__gt=now - FOLLOWED_FOR)
    mails = sum(_begin(post, now) for post in due.filter(follow_up__isnull=True).select_related("school"))
    for following in FollowUp.objects.open().select_related("post"):
        _go_on(following, now)
    return mails


def _begin(post: Post, now: datetime) -> int:
    with transaction.atomic():
        _, is_new = FollowUp.objects.get_or_create(post=post, defaults={"reminded_at": now})
        return _remind(post, now) if is_new else 0


def _remind(post: Post, now: datetime) -> int:
    """Whatever each of them chose (POL-50); on phones too."""
    adults = _adults_unreached(post, now)
    if vapid.is_offered():
        outbox.enqueue_phones(
            ESSENTIAL_ON_PHONE,
            devices=PushDevice.objects.alive(now=now).filter(user__in=readers_of(post, now=now).filter(pk__in=adults)),
            subject_kind="post",
            subject_uid=post.uid,
            school_uid=post.school.uid,
            key=f"{ESSENTIAL_ON_PHONE}:{post.uid}",
            now=now,
            expires_at=post.placed_at + FOLLOWED_FOR,
        )
    return outbox.enqueue_many(
        ESSENTIAL,
        recipients=told_of(post, now=now).filter(pk__in=adults),
        subject_kind="post",
        subject_uid=post.uid,
        school_uid=post.school.uid,
        key=f"{ESSENTIAL}:{post.uid}",
        now=now,
    )


def _go_on(following: FollowUp, now: datetime) -> None:
    post = following.post
    is_over = post.state != WritingState.PUBLISHED or not post.is_essential or post.placed_at <= now - FOLLOWED_FOR
    if is_over or not _families_unreached(post, now):
        FollowUp.objects.open().filter(pk=following.pk).update(ended_at=now)
    elif following.waits_since is None and post.placed_at <= now - PHONED_AFTER:
        FollowUp.objects.open().filter(pk=following.pk).update(waits_since=now)


def _families_unreached(post: Post, now: datetime) -> set[str]:
    """The families of its group of whom nobody read it or was phoned."""
    knowing = Guardianship.objects.admitted().active(now=now).filter(child=OuterRef("child"))
    seen = Seen.objects.filter(writing=post.pk).values("user")
    called = PhoneCall.objects.filter(post=post.pk).values("caregiver")
    reached = Exists(knowing.filter(Q(caregiver__user__in=seen) | Q(caregiver__in=called)))
    here = Enrolment.objects.active(now=now).filter(group=post.group_id)
    rows = here.annotate(family=Guardianship.objects.family_of("child", now=now), is_reached=reached)
    families = list(rows.values_list("family", "is_reached"))
    return {family for family, _ in families} - {family for family, is_reached in families if is_reached}


def _adults_unreached(post: Post, now: datetime) -> Sequence[int]:
    """The accounts of the adults of those families."""
    unreached = _families_unreached(post, now)
    here = Enrolment.objects.active(now=now).filter(group=post.group_id)
    rows = here.annotate(family=Guardianship.objects.family_of("child", now=now)).values_list("child", "family")
    children = [child for child, family in rows if family in unreached]
    knowing = Guardianship.objects.admitted().active(now=now).filter(child__in=children)
    adults = Caregiver.objects.filter(pk__in=knowing.values("caregiver"), user__isnull=False)
    return list(adults.values_list("user", flat=True))
