"""From rows to what the components draw. Everything is decided before; nothing here asks the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from groups.models import Group
from messaging.models import Replies, Reply
from messaging.services.feed import Entry, OwnChild
from messaging.services.photos import SMALL, Photo

LARGE = 1600
POWERS = ("may_edit", "may_retract", "may_hide")


@dataclass(frozen=True)
class Thumb:
    """A photo in a card or an album, with its own page."""

    photo: Photo
    url: str
    small: str
    large: str


@dataclass(frozen=True)
class Card:
    """A message for `_components/post_card.html`."""

    uid: UUID
    url: str
    title: str
    html: str
    group: Group
    groups_named: list[Group]
    kids: list[OwnChild]
    author_name: str
    author_function: str
    published_at: datetime
    edited_at: datetime | None
    kind_label: str
    replies: str
    lang: str
    is_hidden: bool
    may_edit: bool
    may_retract: bool
    may_hide: bool
    photos: list[Thumb]
    more_photos: int


@dataclass(frozen=True)
class Answer:
    """A reply for `_components/reply.html`, with the addresses of what may be done with it."""

    uid: UUID
    html: str
    author_name: str
    author_function: str
    published_at: datetime
    edited_at: datetime | None
    lang: str
    is_mine: bool
    is_hidden: bool
    to_staff: bool
    edit_url: str
    retract_url: str
    hide_url: str
    show_url: str

    @property
    def actions_template(self) -> str:
        """The foot of a reply, when there is anything to stand in it."""
        urls = (self.edit_url, self.retract_url, self.hide_url, self.show_url)
        return "messaging/_reply_actions.html" if self.to_staff or any(urls) else ""


def card_of(entry: Entry, *, hat: str) -> Card:
    post = entry.post
    return Card(
        uid=post.uid,
        url=reverse("messaging:post", args=[hat, post.uid]),
        title=post.title,
        html=post.html,
        group=post.group,
        groups_named=entry.groups,
        kids=entry.children,
        author_name=post.author_name,
        author_function=post.author_function,
        published_at=post.placed_at,
        edited_at=post.edited_at,
        kind_label=post.get_kind_display(),
        replies=Replies.OFF if post.is_hidden else post.replies,
        lang=post.language,
        is_hidden=post.is_hidden,
        photos=[thumb_of(photo, hat=hat) for photo in entry.photos],
        more_photos=entry.photos[0].together - len(entry.photos) if entry.photos else 0,
        **{power: getattr(post, power, False) for power in POWERS},
    )


def thumb_of(photo: Photo, *, hat: str) -> Thumb:
    """Where this photo is found, small, large, and on its own page."""
    small, large = (reverse("messaging:photo", args=[photo.uid, side]) for side in (SMALL, LARGE))
    return Thumb(photo, reverse("messaging:viewer", args=[hat, photo.post_uid, photo.number]), small, large)


def answer_of(reply: Reply, *, reader: Any, hat: str) -> Answer:
    """`reply` carries its powers; the addresses of what the reader may not do stay empty."""

    def url(power: str, name: str) -> str:
        return reverse(f"messaging:{name}", args=[hat, reply.uid]) if getattr(reply, power) else ""

    return Answer(
        uid=reply.uid,
        html=reply.html,
        author_name=reply.author_name,
        author_function=reply.author_function,
        published_at=reply.placed_at,
        edited_at=reply.edited_at,
        lang=reply.language,
        is_mine=reply.author_id == reader.pk and reply.hat == hat,
        is_hidden=reply.is_hidden,
        to_staff=reply.to_staff,
        edit_url=url("may_edit", "edit_reply"),
        retract_url=url("may_retract", "retract_reply"),
        hide_url="" if reply.is_hidden else url("may_hide", "hide_reply"),
        show_url=url("may_hide", "show_reply") if reply.is_hidden else "",
    )
