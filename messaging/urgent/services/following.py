"""What every family has to read, one day and two days later: a mail to who did not read it, then the desk (POL-30)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest

from groups.models import Enrolment, Guardianship
from groups.records.querysets.truth import with_family
from messaging.urgent.domain import FOLLOWED_FOR, MAILED_FOR, PHONED_AFTER, REMINDED_AFTER, followed_until
from messaging.urgent.models import FollowUp, PhoneCall
from messaging.urgent.services.kinds import ESSENTIAL, ESSENTIAL_ON_PHONE, ON_PHONE, URGENT
from messaging.urgent.services.telling import mails_about, tell_readers
from messaging.writings.models import Post, Seen, WritingState
from portal.core.models import OutboxState


def follow_essentials(*, now: datetime) -> int:
    """Begin what is a day old, and go on with what was begun; returns how many mails are new. Repeatable.

    What came to ask something else, or about another day, begins anew from then on. Two who do it at once send each
    mail once: a message is begun once, and a mail has its key.
    """
    _drop_what_was_of_before()
    standing = Post.objects.filter(is_essential=True, state=WritingState.PUBLISHED, urgent__isnull=True)
    since = Greatest("published_at", Coalesce("asked_anew_at", "published_at"))
    due = standing.alias(since=since).filter(since__lte=now - REMINDED_AFTER, since__gt=now - FOLLOWED_FOR)
    begun = due.filter(follow_up__isnull=True).select_related("school")
    mails = sum(_begin(post, now) for post in begun if _ends_at(post) > now)
    for following in FollowUp.objects.open().select_related("post"):
        _go_on(following, now)
    return mails


def _drop_what_was_of_before() -> None:
    """Whom it reached, and who was phoned, when it said something else."""
    FollowUp.objects.filter(post__asked_anew_at__gt=F("reminded_at")).delete()
    PhoneCall.objects.filter(post__is_essential=True, post__asked_anew_at__gt=F("called_at")).delete()


def tell_shown_again(*, now: datetime) -> int:
    """What was hidden as its mail left, and is shown again, goes to whom it was kept from; how many mails are new.

    What cannot wait as long as that is of use. Repeatable: of one time that it is shown each hears once.
    """
    shown = Post.objects.shown_between(now - MAILED_FOR, now).select_related("school")
    urgent = shown.filter(urgent__isnull=False, published_at__gt=now - MAILED_FOR)
    followed = shown.filter(is_essential=True, follow_up__isnull=False, follow_up__ended_at__isnull=True)
    return sum(_tell_again(post, now) for post in urgent) + sum(_remind(post, now, again=True) for post in followed)


def _tell_again(post: Post, now: datetime) -> int:
    ends = post.placed_at + MAILED_FOR
    return tell_readers(
        post,
        mail=URGENT,
        notice=ON_PHONE,
        among=_kept_from(post, URGENT),
        mailed_until=ends,
        shown_until=ends,
        anew_at=post.shown_again_at,
        now=now,
    )


def _kept_from(post: Post, mail: str) -> Q:
    """Who was to get this mail about it, and got none."""
    mails = mails_about(mail, post=post)
    withheld, others = mails.filter(state=OutboxState.WITHHELD), mails.exclude(state=OutboxState.WITHHELD)
    return Q(pk__in=withheld.values("recipient")) & ~Q(pk__in=others.values("recipient"))


def _begin(post: Post, now: datetime) -> int:
    with transaction.atomic():
        _, is_new = FollowUp.objects.get_or_create(post=post, defaults={"reminded_at": now})
        return _remind(post, now) if is_new else 0


def _remind(post: Post, now: datetime, *, again: bool = False) -> int:
    """The adults of the families of whom nobody read it; `again`, of whom the reminder was kept while it was hidden."""
    knowing = Guardianship.objects.admitted().active(now=now).filter(child__in=_children_unreached(post, now))
    among = Q(pk__in=knowing.values("caregiver__user"))
    return tell_readers(
        post,
        mail=ESSENTIAL,
        notice=ESSENTIAL_ON_PHONE,
        among=among & _kept_from(post, ESSENTIAL) if again else among,
        shown_until=_ends_at(post),
        anew_at=post.shown_again_at if again else post.asked_anew_at,
        now=now,
    )


def _go_on(following: FollowUp, now: datetime) -> None:
    """What is hidden waits until it stands there again: it is over when it is gone for good, or nobody asks for it."""
    post = following.post
    stays = post.state in (WritingState.PUBLISHED, WritingState.HIDDEN) and post.is_essential
    is_over = not stays or _ends_at(post) <= now
    if post.is_hidden and not is_over:
        return
    if is_over or not _children_unreached(post, now):
        FollowUp.objects.open().filter(pk=following.pk).update(ended_at=now)
    elif following.waits_since is None and post.asks_since <= now - PHONED_AFTER:
        FollowUp.objects.open().filter(pk=following.pk).update(waits_since=now)


def _ends_at(post: Post) -> datetime:
    return followed_until(post.asks_since, post.ask_on)


def _children_unreached(post: Post, now: datetime) -> set[int]:
    """By key those of its group of whose family nobody read it or was phoned."""
    knowing = Guardianship.objects.admitted().active(now=now).filter(child=OuterRef("child"))
    seen = Seen.objects.standing().filter(writing=post.pk).values("user")
    called = PhoneCall.objects.filter(post=post.pk).values("caregiver")
    reached = Exists(knowing.filter(Q(caregiver__user__in=seen) | Q(caregiver__in=called)))
    here = Enrolment.objects.active(now=now).filter(group=post.group_id)
    rows = with_family(here, now=now).annotate(is_reached=reached)
    children = list(rows.values_list("child", "family", "is_reached"))
    known = {family for _, family, is_reached in children if is_reached}
    return {child for child, family, _ in children if family not in known}
