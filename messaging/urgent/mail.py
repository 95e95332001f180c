"""The mails that nobody can switch off: what cannot wait, and what was not read yet. Who may hear is asked last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.urgent.services.kinds import ESSENTIAL, ESSENTIAL_ON_PHONE
from messaging.urgent.services.readers import may_hear
from messaging.writings.mail import read_url
from messaging.writings.models import Post, Seen, WritingState
from messaging.writings.services.names import names_lost
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Withheld

NOT_THEIRS = "the reader does not see the message any more"
NOT_ASKED = "not every family has to read it any more"
READ_MEANWHILE = "the reader has read it meanwhile"


class _Told(NamedTuple):
    """One row: who hears of what, or `why` nobody does; `opens`: whether that person opens it in Kring; `is_spared`: it
    says a name that may not be used any more.
    """

    reader: User | None = None
    post: Post | None = None
    opens: bool = False
    is_spared: bool = False
    why: str = NOT_THEIRS


def render_telling(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who may hear of it at this moment, and, of what is only to be read, has not read it.

    Of what says a name that may not be used any more it tells that it is there, and carries no word of it (POL-40).
    """
    for row, told in zip(rows, _told(rows, now), strict=True):
        reader, post = told.reader, told.post
        if reader and post:
            yield _mail(reader, post, row.kind, opens=told.opens, is_spared=told.is_spared)
        else:
            yield Withheld(told.why)


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """The same on a phone, of who opens it there: that it is there, and who says so."""
    for row, told in zip(rows, _told(rows, now), strict=True):
        reader, post = told.reader, told.post if told.opens else None
        yield _push(reader, post, row.kind) if reader and post else Withheld(told.why)


def _told(rows: Sequence[OutboxItem], now: datetime) -> Iterable[_Told]:
    """Of each row, asked for all at once: its message, else what was written together with it and this person hears of.

    Example: of what was written to two classes that of the first was hidden since; a family of both hears of the other.
    """
    uids = {row.subject_uid for row in rows}
    together = Post.objects.filter(uid__in=uids, written_together__isnull=False).values("written_together")
    found = Post.objects.filter(Q(uid__in=uids) | Q(written_together__in=together))
    posts = {post.uid: post for post in found.select_related("school", "group").order_by("pk")}
    standing = [post for post in posts.values() if post.state == WritingState.PUBLISHED]
    alike = defaultdict(list)
    for post in standing:
        alike[post.together_key].append(post)
    readers = [row.recipient_id for row in rows if row.recipient_id]
    opens, lost = may_hear(standing, readers, now=now), names_lost(standing, now=now)
    read = set(Seen.objects.standing().filter(writing__in=standing, user__in=readers).values_list("user", "writing"))
    for row in rows:
        subject, reader = posts.get(row.subject_uid), row.recipient_id or 0
        same = alike[subject.together_key] if subject else []
        heard = [post for post in same if (reader, post.pk) in opens]
        post = subject if subject in heard else next(iter(heard), None)
        is_essential = row.kind in (ESSENTIAL, ESSENTIAL_ON_PHONE)
        if post is None:
            yield _Told()
        elif is_essential and not post.is_essential:
            yield _Told(why=NOT_ASKED)
        elif is_essential and (reader, post.pk) in read:
            yield _Told(why=READ_MEANWHILE)
        else:
            yield _Told(row.recipient, post, opens[reader, post.pk], post.pk in lost)


def _push(reader: User, post: Post, kind: str) -> Push:
    with translation.override(reader.language):
        title = _("Please read this: %(group)s") if kind == ESSENTIAL_ON_PHONE else _("Urgent: %(group)s")
        return Push(
            title=title % {"group": post.group.name},
            body=post.author_name,
            path=reverse("messaging:post", args=[Hat.FAMILY, post.uid]),
            tag=f"urgent-{post.together_key}",
            language=reader.language,
        )


def _mail(reader: User, post: Post, kind: str, *, opens: bool, is_spared: bool) -> Mail:
    """No title in the subject: it may name a place, and stands on a locked phone.

    Where mails carry titles only, so does this one; not what cannot wait, nor to who has no other way to read it.
    """
    titles_only = kind == ESSENTIAL and opens and post.school.digest_titles_only
    with translation.override(reader.language):
        subject = _("Please read this: %(school)s") if kind == ESSENTIAL else _("Urgent message of %(school)s")
        context = {
            "subject": subject % {"school": post.school.name},
            "school": post.school.name,
            "school_phone": post.school.phone,
            "post": post,
            "is_urgent": kind != ESSENTIAL,
            "is_spared": is_spared,
            "titles_only": titles_only,
            "url": settings.KRING_BASE_URL + reverse("messaging:post", args=[Hat.FAMILY, post.uid]) if opens else "",
            "read_url": read_url(user=reader, post=post.uid),
        }
        return Mail(
            subject=str(context["subject"]),
            text=render_to_string("emails/urgent.txt", context),
            html=render_to_string("emails/urgent.html", context),
            headers={} if kind == ESSENTIAL else {"Importance": "high"},
        )
