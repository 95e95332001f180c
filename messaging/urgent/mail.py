"""The mail that nobody can switch off: its words, and what to do. Who may read it is asked as it leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.writings.models import Post
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_urgent(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who may read it at this moment, asked for all at once."""
    uids = {row.subject_uid for row in rows}
    posts = Post.objects.filter(state="published").select_related("school").in_bulk(uids, field_name="uid")
    readers = [row.recipient_id for row in rows if row.recipient_id]
    may_read = set(Post.objects.filter(uid__in=uids).visible_pairs(readers, now=now, hat=Hat.FAMILY))
    for row in rows:
        reader, post = row.recipient, posts.get(row.subject_uid)
        if reader and post and (reader.pk, post.pk) in may_read:
            yield _mail(reader, post)
        else:
            yield Withheld("the reader does not see the message any more")


def _mail(reader: User, post: Post) -> Mail:
    """No title in the subject: it may name a place, and stands on a locked phone."""
    with translation.override(reader.language):
        context = {
            "subject": _("Urgent message of %(school)s") % {"school": post.school.name},
            "school": post.school.name,
            "school_phone": post.school.phone,
            "post": post,
            "url": settings.KRING_BASE_URL + reverse("messaging:post", args=[Hat.FAMILY, post.uid]),
        }
        return Mail(
            subject=" ".join(str(context["subject"]).split()),
            text=render_to_string("emails/urgent.txt", context),
            html=render_to_string("emails/urgent.html", context),
            headers={"Importance": "high"},
        )
