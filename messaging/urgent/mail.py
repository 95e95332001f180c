"""The mail that nobody can switch off: its words, and what to do. Who may read it is asked as it leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.urgent.services.links import read_token
from messaging.writings.models import Post
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Withheld

NOT_THEIRS = "the reader does not see the message any more"


def render_urgent(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who may read it at this moment."""
    for reader, post in _readers_of(rows, now):
        yield _mail(reader, post) if reader and post else Withheld(NOT_THEIRS)


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """The same on a phone: that it cannot wait, and who says so."""
    for reader, post in _readers_of(rows, now):
        yield _push(reader, post) if reader and post else Withheld(NOT_THEIRS)


def _readers_of(rows: Sequence[OutboxItem], now: datetime) -> Iterable[tuple[User | None, Post | None]]:
    """Of each row whom it goes to and about what; nothing where that person may not read it. Asked for all at once."""
    uids = {row.subject_uid for row in rows}
    posts = Post.objects.filter(state="published").select_related("school", "group").in_bulk(uids, field_name="uid")
    readers = [row.recipient_id for row in rows if row.recipient_id]
    may_read = set(Post.objects.filter(uid__in=uids).visible_pairs(readers, now=now, hat=Hat.FAMILY))
    for row in rows:
        reader, post = row.recipient, posts.get(row.subject_uid)
        yield (reader, post) if reader and post and (reader.pk, post.pk) in may_read else (None, None)


def _push(reader: User, post: Post) -> Push:
    with translation.override(reader.language):
        return Push(
            title=_("Urgent: %(group)s") % {"group": post.group.name},
            body=post.author_name,
            path=reverse("messaging:post", args=[Hat.FAMILY, post.uid]),
            tag=f"urgent-{post.uid}",
            language=reader.language,
        )


def _mail(reader: User, post: Post) -> Mail:
    """No title in the subject: it may name a place, and stands on a locked phone."""
    with translation.override(reader.language):
        context = {
            "subject": _("Urgent message of %(school)s") % {"school": post.school.name},
            "school": post.school.name,
            "school_phone": post.school.phone,
            "post": post,
            "url": settings.KRING_BASE_URL + reverse("messaging:post", args=[Hat.FAMILY, post.uid]),
            "read_url": settings.KRING_BASE_URL
            + reverse("messaging:urgent_read", args=[read_token(user=reader, post=post.uid)]),
        }
        return Mail(
            subject=" ".join(str(context["subject"]).split()),
            text=render_to_string("emails/urgent.txt", context),
            html=render_to_string("emails/urgent.html", context),
            headers={"Importance": "high"},
        )
