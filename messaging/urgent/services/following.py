"""What every family has to read, one day and two days later: a mail to who did not read it, then the desk (POL-30)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from groups.models import Enrolment, Guardianship
from messaging.urgent.domain import FOLLOWED_FOR, PHONED_AFTER, REMINDED_AFTER
from messaging.urgent.models import FollowUp, PhoneCall
from messaging.urgent.services.kinds import ESSENTIAL, ESSENTIAL_ON_PHONE
from messaging.urgent.services.telling import tell_readers
from messaging.writings.models import Post, Seen, WritingState


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
    """The adults of the families of whom nobody read it."""
    knowing = Guardianship.objects.admitted().active(now=now).filter(child__in=_children_unreached(post, now))
    return tell_readers(
        post,
        mail=ESSENTIAL,
        notice=ESSENTIAL_ON_PHONE,
        among=Q(pk__in=knowing.values("caregiver__user")),
        shown_until=post.placed_at + FOLLOWED_FOR,
        now=now,
    )


def _go_on(following: FollowUp, now: datetime) -> None:
    """What is hidden waits until it stands there again: it is over when it is gone for good, or after two weeks."""
    post = following.post
    stays = post.state in (WritingState.PUBLISHED, WritingState.HIDDEN) and post.is_essential
    is_over = not stays or post.placed_at <= now - FOLLOWED_FOR
    if post.is_hidden and not is_over:
        return
    if is_over or not _children_unreached(post, now):
        FollowUp.objects.open().filter(pk=following.pk).update(ended_at=now)
    elif following.waits_since is None and post.placed_at <= now - PHONED_AFTER:
        FollowUp.objects.open().filter(pk=following.pk).update(waits_since=now)


def _children_unreached(post: Post, now: datetime) -> set[int]:
    """By key those of its group of whose family nobody read it or was phoned."""
    knowing = Guardianship.objects.admitted().active(now=now).filter(child=OuterRef("child"))
    seen = Seen.objects.filter(writing=post.pk).values("user")
    called = PhoneCall.objects.filter(post=post.pk).values("caregiver")
    reached = Exists(knowing.filter(Q(caregiver__user__in=seen) | Q(caregiver__in=called)))
    here = Enrolment.objects.active(now=now).filter(group=post.group_id)
    rows = here.annotate(family=Guardianship.objects.family_of("child", now=now), is_reached=reached)
    children = list(rows.values_list("child", "family", "is_reached"))
    known = {family for _, family, is_reached in children if is_reached}
    return {child for child, family, _ in children if family not in known}
