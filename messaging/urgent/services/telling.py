"""Rows for what everybody has to read: a mail to each who has to hear of it, a notice for who opens it in Kring."""

from datetime import datetime

from django.db.models import Q

from messaging.urgent.services.readers import readers_of, told_of
from messaging.writings.models import Post
from portal.core import outbox
from portal.core.models import PushDevice
from portal.core.phones import vapid
from portal.core.querysets import OutboxQuerySet


def tell_readers(
    post: Post,
    *,
    mail: str,
    notice: str,
    among: Q | None = None,
    mailed_until: datetime | None = None,
    shown_until: datetime,
    anew_at: datetime | None = None,
    now: datetime,
) -> int:
    """Of these kinds, whatever each chose (POL-50), to everybody or to users `among` them; how many mails are new.

    Who hears of it in several groups hears once. Asking again adds only who was not told yet; `anew_at`, who was not
    told since it was shown again, or asks something else.
    """
    about = post.together_key
    once = f"{about}:{anew_at:%Y%m%d%H%M%S%f}" if anew_at else f"{about}"
    whom = Q() if among is None else among
    if vapid.is_offered():
        outbox.enqueue_phones(
            notice,
            devices=PushDevice.objects.alive(now=now).filter(user__in=readers_of(post, now=now).filter(whom)),
            subject_kind="post",
            subject_uid=post.uid,
            school_uid=post.school.uid,
            key=f"{notice}:{once}",
            now=now,
            expires_at=shown_until,
        )
    return outbox.enqueue_many(
        mail,
        recipients=told_of(post, now=now).filter(whom),
        subject_kind="post",
        subject_uid=post.uid,
        school_uid=post.school.uid,
        key=f"{mail}:{once}",
        now=now,
        expires_at=mailed_until,
    )


def mails_about(*kinds: str, post: Post) -> OutboxQuerySet:
    """Mails of these kinds that say what it asks now, or what was written together with it does."""
    subjects = [post.uid]
    if post.written_together:
        subjects = list(Post.objects.together_with(post).values_list("uid", flat=True))
    return outbox.rows_about(*kinds, subjects=subjects, since=post.asks_since)
