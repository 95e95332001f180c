"""Who has to hear of what everybody has to read: those who read at home, and parents who cannot, about the own child.

Who is suspended finds nothing of the school in Kring. What cannot wait, and what every family has to read, reaches
that parent all the same, by mail (POL-65).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from groups.models import Enrolment, Guardianship, Restriction, RestrictionKind
from groups.roles import Hat
from messaging.urgent.models import UrgentMessage
from messaging.writings.models import Post, Seen, WritingState
from messaging.writings.services.read_links import ReadLink
from messaging.writings.services.seen import keep_seen, mark_seen
from portal.core.actor import Actor
from portal.core.models import User


def readers_of(post: Post, *, now: datetime) -> QuerySet[User]:
    """Who reads it at home."""
    pairs = Post.objects.filter(pk=post.pk).visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY)
    return User.objects.filter(pk__in=pairs.values_list("reader", flat=True))


def shut_out_of(post: Post, *, now: datetime) -> QuerySet[User]:
    """Parents of the children in its group who are suspended now."""
    here = Enrolment.objects.active(now=now).filter(group=post.group_id)
    held = Restriction.objects.active(now=now).filter(kind=RestrictionKind.SUSPENDED, school=post.school_id)
    knowing = Guardianship.objects.admitted().active(now=now).filter(child__in=here.values("child"))
    own = knowing.filter(caregiver__user__in=held.values("user"))
    return User.objects.filter(pk__in=own.values("caregiver__user"), is_active=True)


def told_of(post: Post, *, now: datetime) -> QuerySet[User]:
    """Both."""
    reading, shut_out = readers_of(post, now=now), shut_out_of(post, now=now)
    return User.objects.filter(Q(pk__in=reading.values("pk")) | Q(pk__in=shut_out.values("pk")))


def may_hear(posts: Iterable[Post], users: Iterable[int], *, now: datetime) -> dict[tuple[int, int], bool]:
    """Of each (user, post) whether that person opens it in Kring; who hears nothing of it is not in it."""
    asked, wanted = list(posts), list(users)
    shut_out = {(user.pk, post.pk) for post in asked for user in shut_out_of(post, now=now).filter(pk__in=wanted)}
    those = Post.objects.filter(pk__in=[post.pk for post in asked])
    reading = those.visible_pairs(wanted, now=now, hat=Hat.FAMILY)
    return dict.fromkeys(shut_out, False) | dict.fromkeys(reading, True)


def message_behind(link: ReadLink, *, now: datetime) -> Post | None:
    """The message, while it stands there, its reader has to hear of it, and the mailbox is that reader's."""
    if not link.is_theirs:
        return None
    urgent = Q(pk__in=UrgentMessage.objects.filter(post__uid=link.post).values("post"))
    rows = Post.objects.filter(urgent | Q(is_essential=True), uid=link.post, state=WritingState.PUBLISHED)
    post = rows.select_related("school").first()
    return post if post and may_hear([post], [link.user.pk], now=now) else None


def note_read(post: Post, *, by: Actor) -> None:
    """As if it had stood on the screen in Kring; also of who cannot open it there."""
    if not Seen.objects.of(by.user).standing().filter(writing=post).exists():
        keep_seen(by=by, writings=[post.pk])
    mark_seen(by=by, uids=[post.uid])
