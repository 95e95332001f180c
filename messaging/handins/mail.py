"""A draft that waits for somebody: one line and a link. Whether it still waits for that person is asked on leaving."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.handins.models import Handin, HandinState
from portal.core.actor import Actor
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld
from portal.core.templatetags.kring import ahead


def render_handins(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who judges while it waits, to its writer while nothing new happened; for anybody else nothing goes."""
    drafts = Handin.objects.filter(uid__in=[row.subject_uid for row in rows]).select_related("school", "post")
    by_uid = {draft.uid: draft for draft in drafts}
    for row in rows:
        _kind, _uid, version, hat, _user = row.dedupe_key.split(":")
        draft = by_uid.get(row.subject_uid)
        if draft and row.recipient and str(draft.version) == version and _concerns(draft, row.recipient, hat, now):
            yield _mail(row.recipient, draft, hat, now)
        else:
            yield Withheld("does not wait for this person any more")


def _concerns(draft: Handin, reader: User, hat: str, now: datetime) -> bool:
    rows = Handin.objects
    if draft.state == HandinState.WAITING:
        return rows.waiting_for(Actor(reader, Hat.ANY, now)).filter(pk=draft.pk).exists()
    return rows.written_by(Actor(reader, hat, now)).filter(pk=draft.pk).exists()


def _mail(reader: User, draft: Handin, hat: str, now: datetime) -> Mail:
    with translation.override(reader.language):
        context: dict[str, object] = {
            "heading": _heading(draft, now),
            "school": draft.school.name,
            "school_phone": draft.school.phone,
            "is_parent": hat == Hat.FAMILY,
            "url": settings.KRING_BASE_URL + reverse("messaging:handin", args=[hat, draft.uid]),
        }
        return Mail(
            subject=str(context["heading"]),
            text=render_to_string("emails/handin.txt", context),
            html=render_to_string("emails/handin.html", context),
        )


def _heading(draft: Handin, now: datetime) -> str:
    if draft.state == HandinState.PLACED and draft.post.placed_at > now:
        return _("It will be there %(when)s") % {"when": ahead(draft.post.placed_at, now)}
    words = {
        HandinState.WAITING: _("A draft waits for you"),
        HandinState.RETURNED: _("Your draft came back with a word"),
        HandinState.AGREED: _("Your draft may be placed"),
        HandinState.PLACED: _("Your message has been placed"),
    }
    return words[HandinState(draft.state)]
