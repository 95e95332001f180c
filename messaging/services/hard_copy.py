"""The hard copy of what is removed: one self-contained page, its photos inside (POL-62). Reads, and writes nothing.

Made outside any transaction. `Prepared.stood` is what the content was when the copy was begun; whoever seals it asks
`standing` again under a lock, and a copy of something that moved meanwhile is not used.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.models import Child, Group, StaffMember
from groups.roles import Hat
from groups.services.true_names import At, TrueName, true_functions, true_names
from messaging.models import Message, MessageSeen, Placement, Post, Reply, Seen
from messaging.querysets.posts import PLACED
from messaging.services.audience import audience_of
from messaging.services.chairs import Chair, chairs_of
from portal.core.actor import Actor
from portal.core.dossier import Copy
from portal.core.media import storage
from portal.core.models import User

LARGE = 1600
AROUND = 5
"""How many messages before and after one in a conversation."""

Written = Post | Reply | Message
Content = Written | Placement


class NotRemovedError(Exception):
    """Nothing was removed; `sentence` says why and what helps."""

    sentence: Promise | str


class CopyFailedError(NotRemovedError):
    """The hard copy cannot be made or kept now; nothing was removed. Hiding still works."""

    sentence = gettext_lazy("No copy could be made, so nothing was removed. Hide it for now and try again later.")


@dataclass(frozen=True)
class Prepared:
    copy: Copy
    stood: tuple[Any, ...]


@dataclass(frozen=True)
class Picture:
    """A photo in the copy: `source` is the very bytes that were stored, as a data URI."""

    source: str
    alt: str
    width: int
    height: int
    sha256: str
    placed_at: datetime


@dataclass(frozen=True)
class Reader:
    name: str
    seen_at: datetime


def prepare(content: Content, *, reason: str, by: Actor) -> Prepared:
    """A copy of the content as it is now. Raises `CopyFailedError`."""
    try:
        stood = standing(content)
        with translation.override(settings.LANGUAGE_CODE):
            html = _document(content, reason, by)
    except (OSError, DatabaseError) as error:
        raise CopyFailedError from error
    kind = "photo" if isinstance(content, Placement) else str(content._meta.model_name)
    uid = content.image.uid if isinstance(content, Placement) else content.uid
    return Prepared(Copy(kind, uid, html.encode()), stood)


def standing(content: Content) -> tuple[Any, ...]:
    """What the copy shows, in numbers: another version, state, photo or reply makes another answer."""
    written = _text_of(content)
    row = type(written)._default_manager.filter(pk=written.pk).values_list("version", "state", "hidden_at").get()
    photos = _placements(content).order_by("pk").values_list("pk", "position", "alt", "image__key", "image__sha256")
    below = Reply.objects.filter(post=written.pk) if content is written and isinstance(written, Post) else None
    replies = below.order_by("pk").values_list("pk", "version", "state") if below is not None else []
    return (row, tuple(photos), tuple(replies))


def _text_of(content: Content) -> Written:
    """The text itself, or the one that a photo stands in."""
    if not isinstance(content, Placement):
        return content
    written = content.post or content.message
    assert written  # noqa: S101 - a constraint of Placement
    return written


def _placements(content: Content) -> Any:
    """The photos that the copy shows: the one, or all that stand in the text."""
    shown = Placement.objects.filter(removed_at__isnull=True)
    if isinstance(content, Placement):
        return shown.filter(pk=content.pk)
    if isinstance(content, Reply):
        return shown.none()
    return shown.filter(**{str(content._meta.model_name): content.pk})


def _document(content: Content, reason: str, by: Actor) -> str:
    given = _text_of(content)
    written: Any = type(given)._default_manager.select_related("school").get(pk=given.pk)
    is_photo = isinstance(content, Placement)
    around = _surroundings(written, by)
    names = _names([written, *around["above"], *around["below"]], written.school_id)
    context = {
        "message": written,
        "name": names[written.author_id],
        "photo": is_photo,
        "heading": _heading(content),
        "school": written.school,
        "reason": reason,
        "decided_by": _decider(written, by.user),
        "now": by.now,
        "pictures": [_picture(one) for one in _placements(content).select_related("image").order_by("position", "pk")],
        "versions": [] if is_photo else list(written.versions.order_by("number")),
        **around,
    }
    for one in [*around["above"], *around["below"]]:
        one.name = names[one.author_id]
    title = f"{context['heading']} · {written.school.name}"
    return whole_page(title, render_to_string("messaging/hard_copy.html", context))


def _heading(content: Content) -> str:
    if isinstance(content, Placement):
        return _("A photo that was removed")
    if isinstance(content, Reply):
        return _("A reply that was removed")
    return _("A message that was removed")


def _names(written: Iterable[Any], school: int) -> dict[int, str]:
    """By author the true name and function; what readers saw stands beside it."""
    people = {one.author_id: At(one.author_id, school, one.hat) for one in written}
    names = true_names(people.values())
    return {author: str(names[at]) for author, at in people.items()}


def _decider(written: Any, user: User) -> str:
    """True name and function of who removes it."""
    at = At(user.pk, written.school_id, written.hat if user.pk == written.author_id else Hat.STAFF)
    found = true_names([at])[at]
    return _("%(name)s, who wrote it") % {"name": found.name} if user.pk == written.author_id else str(found)


def _picture(placement: Any) -> Picture:
    """Raises `FileNotFoundError` when a photo has no bytes any more: that is no copy."""
    image = placement.image
    encoded = base64.b64encode(storage.read(image.key, "webp", LARGE)).decode()
    return Picture(
        f"data:image/webp;base64,{encoded}",
        placement.alt,
        image.width,
        image.height,
        image.sha256,
        placement.placed_at,
    )


def _surroundings(written: Any, by: Actor) -> dict[str, Any]:
    """Where it stood, for whom, who had it on the screen, and what stood around it."""
    if isinstance(written, Message):
        return _in_a_talk(written, by)
    post = written if isinstance(written, Post) else written.post
    group = Group.objects.get(pk=post.group_id)
    place = group.name if isinstance(written, Post) else f"{group.name}: {post.title}"
    replies = Reply.objects.filter(post=post, state__in=PLACED).in_order() if isinstance(written, Post) else []
    together = Post.objects.together_with(post).exclude(pk=post.pk).select_related("group").order_by("pk")
    return {
        "place": place,
        "audience": _audience(written, group, by.now),
        "groups": [twin.group.name for twin in together] if isinstance(written, Post) else [],
        "readers": _readers(Seen.objects.filter(post=post), written.school_id),
        "above": [] if isinstance(written, Post) else [post],
        "below": list(replies),
        "is_talk": False,
    }


def _audience(written: Any, group: Group, now: datetime) -> str:
    if getattr(written, "to_staff", False):
        return _("Only the staff of %(group)s, and who wrote it") % {"group": group.name}
    found = audience_of([group], now=now)
    readers = found.adults + found.people
    people = ngettext("%(count)s reader", "%(count)s readers", readers) % {"count": readers}
    return f"{group.name}: {found.in_families}, {people}" if found.families else f"{group.name}: {people}"


def _in_a_talk(message: Message, by: Actor) -> dict[str, Any]:
    """What was said around it only as far as who decides reads it in the staff hat: nobody reads along silently."""
    thread = message.thread
    here = Message.objects.visible_to(by.wearing(Hat.STAFF)).filter(thread=thread).exclude(pk=message.pk)
    before = here.filter(published_at__lte=message.published_at, pk__lt=message.pk).order_by("-published_at", "-pk")
    after = here.filter(published_at__gte=message.published_at, pk__gt=message.pk).order_by("published_at", "pk")
    return {
        "place": _place_of(thread, by.now),
        "audience": "; ".join(_sitting(chairs_of([thread], now=by.now)[thread.pk])),
        "groups": [],
        "readers": _readers(MessageSeen.objects.filter(message=message), message.school_id),
        "above": list(before[:AROUND])[::-1] if by.user.pk != message.author_id else [],
        "below": list(after[:AROUND]) if by.user.pk != message.author_id else [],
        "is_talk": True,
    }


def _place_of(thread: Any, now: datetime) -> str:
    """A shielded child stands in no copy by name: the case it belongs to knows which child it is."""
    if Child.objects.shielded(now=now).filter(pk=thread.child_id).exists():
        return _("A conversation about one child")
    return _("A conversation about %(child)s") % {"child": thread.child.first_name}


def _sitting(chairs: Iterable[Chair]) -> list[str]:
    """The true names of who was in the conversation, also of who never came in."""
    found = list(chairs)
    staff = {row.uid: row for row in StaffMember.objects.filter(uid__in=[chair.uid for chair in found])}
    functions = true_functions(staff.values())
    true = {uid: str(TrueName(row.full_name, functions[row.pk])) for uid, row in staff.items()}
    return [true.get(chair.uid, chair.name) for chair in found]


def _readers(seen: Any, school: int) -> list[Reader]:
    rows = list(seen.order_by("seen_at", "pk").values_list("user", "seen_at"))
    names = true_names(At(user, school) for user, _at in rows)
    return [Reader(str(names[At(user, school)]), at) for user, at in rows]


SHEET = """
body { font: 17px/1.5 Verdana, Arial, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1a1a1a; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.5rem }
h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid #767676; padding-top: 1rem }
h3 { font-size: 1rem }
dt { font-weight: bold }
dd { margin: 0 0 .6rem }
article, .around { border-left: 4px solid #767676; padding-left: 1rem }
.around { border-color: #ccc }
img { max-width: 100%; height: auto }
figure { margin: 1rem 0; break-inside: avoid }
figcaption { font-size: .9rem }
"""


def whole_page(title: str, body: SafeString) -> str:
    """The whole document: nothing in it is fetched from anywhere, and nothing in it runs."""
    head = format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{}</title><style>{}</style></head>',
        settings.LANGUAGE_CODE,
        title,
        mark_safe(SHEET),  # noqa: S308 - our own constant
    )
    return f"{head}<body>{body}</body></html>\n"
