"""From rows to what the components draw. Everything is decided before; nothing here asks the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from groups.accounts.services.hats import Sign
from groups.records.domain.names import TEACHER_WORD
from messaging.photos.services.photos import Photo
from messaging.photos.views.thumbs import Thumb, thumb_of
from messaging.posts.services.feed import Entry, OwnChild, Placed, spans_schools
from messaging.writings.addresses import REPORT
from messaging.writings.domain.rich_text import lines_on_a_phone
from messaging.writings.models import Replies, Reply, Writing
from portal.core.addresses import address, address_of
from portal.core.domain.moments import at_school, noon_of
from portal.core.models import User
from portal.core.templatetags.kring import without_indents

POWERS = ("may_edit", "may_retract", "may_hide", "may_show", "may_remove")
LINES_IN_A_LIST = 4
KEPT = 4_000
"""Cards that a worker remembers, of some four kilobytes each."""
KIDS_SLOT, PLACE_SLOT, SCHOOL_SLOT = map(SafeString, ("<!--kids-->", "<!--place-->", "<!--school-->"))
"""Where the reader's own children go, the card's number in the list, by which its title labels it, and of which school
it is. No text of anybody's holds these: what people write is escaped."""
ALONE, SAME_SHEET = '"sheet post"', '"sheet post same"'
LATER, AT_ONCE = '" loading=lazy alt="', '" alt="'
"""A photo that comes when it is near, and one that does not wait; the quotes are no text of anybody's either."""


@dataclass(frozen=True)
class Card:
    """A message for `_components/post_card.html`. From `school` on it is one reader's own: nothing of what all see."""

    uid: UUID
    title: str
    html: str
    group: Sign
    groups_named: tuple[Sign, ...]
    author_name: str
    author_function: str
    published_at: datetime
    edited_at: datetime | None
    replies: str
    lang: str
    is_hidden: bool
    is_removed: bool
    photos: list[Thumb]
    more_photos: int
    photos_wait: bool
    ask: str
    ask_on: date | None
    answer_by: date | None
    is_essential: bool
    author_reads: bool
    waits: bool
    school: str = ""
    kids: tuple[OwnChild, ...] = ()
    may_edit: bool = False
    may_retract: bool = False
    may_hide: bool = False
    may_show: bool = False
    may_remove: bool = False

    @property
    def reader_name(self) -> str:
        """Who is answered by name; empty where who wrote it does not open the group any more."""
        return self.author_name if self.author_reads else ""

    @property
    def says_schools(self) -> bool:
        """Whether each group is named with its school."""
        return spans_schools(self.groups_named)

    @property
    def says_function(self) -> bool:
        """Whether a list says it: of a teacher the group does."""
        return bool(self.author_function) and not self.author_function.startswith(TEACHER_WORD)

    @property
    def is_long(self) -> bool:
        """Whether a list shows the first lines only."""
        return lines_on_a_phone(self.html) > LINES_IN_A_LIST


@dataclass(frozen=True)
class ReplyCard:
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
    report_url: str
    remove_url: str
    is_removed: bool

    @property
    def more_template(self) -> str:
        """What this reader can do with it, when there is anything."""
        urls = (self.edit_url, self.retract_url, self.hide_url, self.show_url, self.remove_url, self.report_url)
        return "messaging/_reply_more.html" if any(urls) else ""

    @property
    def actions_template(self) -> str:
        """The foot of a reply, when there is anything to stand in it."""
        return "messaging/_reply_actions.html" if self.to_staff or (self.is_hidden and self.is_mine) else ""


@dataclass(frozen=True)
class Bubble:
    """A message of a conversation for `_message.html`; `read_by`: who of the other side had it on the screen."""

    uid: UUID
    html: str
    lang: str
    author_name: str
    author_function: str
    published_at: datetime
    edited_at: datetime | None
    is_mine: bool
    is_own_side: bool
    is_removed: bool
    read_by: tuple[str, ...]
    photos: tuple[Thumb, ...]
    more_photos: int
    edit_url: str
    retract_url: str
    remove_url: str
    report_url: str

    @property
    def has_foot(self) -> bool:
        return any((self.edit_url, self.retract_url, self.remove_url, self.report_url))


def card_of(entry: Entry, *, hat: str) -> Card:
    """A message on its own page, with what this reader may do; `entry.post` carries the powers."""
    powers = {power: getattr(entry.post, power) for power in POWERS}
    card = _card(entry.post, entry.group, entry.groups, entry.photos, hat)
    return replace(card, kids=entry.children, school=entry.school, **powers)


def cards_of(entries: Iterable[Entry], *, hat: str, now: datetime) -> list[SafeString]:
    """The messages of a list as this reader sees them, each drawn once for all who see the same.

    The first photo of the list does not wait until somebody comes near: mostly they are there.
    """
    language, today = get_language() or "", noon_of(now)
    kids: dict[tuple[OwnChild, ...], str] = {(): ""}
    cards, has_photo, above = [], False, None
    for place, entry in enumerate(entries, start=1):
        if entry.children not in kids:
            kids[entry.children] = render_to_string("_components/kids.html", {"kids": entry.children})
        waits = entry.post.placed_at > now
        may_answer = entry.may_reply or entry.post.replies != Replies.STAFF
        card = _drawn(entry.post, entry.group, entry.groups, entry.photos, hat, language, today, waits, may_answer)
        school = format_html("<b>{}</b>", entry.school) if entry.school else ""
        placed = card.replace(PLACE_SLOT, str(place), 2).replace(SCHOOL_SLOT, school, 1)
        if not has_photo and LATER in placed:
            placed, has_photo = placed.replace(LATER, AT_ONCE, 1), True
        if above and share_a_sheet(above, entry):
            placed = placed.replace(ALONE, SAME_SHEET, 1)
        cards.append(SafeString(placed.replace(KIDS_SLOT, kids[entry.children], 1)))
        above = entry
    return cards


def share_a_sheet(above: Entry, below: Entry) -> bool:
    """Short texts of one day in one group stand on one sheet; not what asks something, all must read, or has photos."""
    return (
        (above.group, above.groups, above.is_unread) == (below.group, below.groups, below.is_unread)
        and at_school(above.post.placed_at).date() == at_school(below.post.placed_at).date()
        and all(map(_is_short_text, (above, below)))
    )


def _is_short_text(entry: Entry) -> bool:
    post = entry.post
    plain = not (entry.photos or post.ask or post.is_essential or post.is_hidden or post.is_removed)
    return plain and lines_on_a_phone(post.html) <= LINES_IN_A_LIST


@lru_cache(KEPT)
def _drawn(
    post: Placed,
    group: Sign,
    groups: tuple[Sign, ...],
    photos: tuple[Photo, ...],
    hat: str,
    language: str,
    today: datetime,
    waits: bool,
    may_answer: bool,
) -> str:
    """One message, for everybody who sees it with these groups and photos, in this hat and language, on this day.

    `waits`: its moment has not come. `may_answer`: false where replies go to staff and this reader writes none. A
    function of its arguments alone (`language` is the active one), so that remembering it can show nobody what another
    may see: who sees what was decided by the rows that came here. The template gets no request.
    """
    context = {
        "post": _card(post, group, groups, photos, hat, waits=waits),
        "may_answer": may_answer,
        "url": address("messaging:post", hat, post.uid),
        "hat": hat,
        "now": today,
        "kids_slot": KIDS_SLOT,
        "place_slot": PLACE_SLOT,
        "school_slot": SCHOOL_SLOT,
    }
    return without_indents(render_to_string("_components/post_card.html", context))


def _card(
    post: Any,
    group: Sign,
    groups: tuple[Sign, ...],
    photos: tuple[Photo, ...],
    hat: str,
    *,
    waits: bool = False,
) -> Card:
    shown = photos[0].together if photos else 0
    return Card(
        uid=post.uid,
        title=post.title,
        html=post.html,
        group=group,
        groups_named=groups,
        author_name=post.author_name,
        author_function=post.author_function,
        published_at=post.placed_at,
        edited_at=post.edited_at,
        replies=Replies.OFF if post.is_hidden else post.replies,
        lang=post.language,
        is_hidden=post.is_hidden,
        is_removed=post.is_removed,
        photos=[thumb_of(photo, hat=hat) for photo in photos],
        more_photos=shown - len(photos),
        photos_wait=post.photos_placed > shown,
        waits=waits,
        ask=post.ask,
        ask_on=post.ask_on,
        answer_by=post.answer_by,
        is_essential=post.is_essential,
        author_reads=post.author_reads,
    )


def report_url_of(written: Writing, *, reader: User, hat: str) -> str:
    """Where `reader` says that something is wrong with this, or with its writer; nobody reports the own words."""
    return "" if written.author_id == reader.pk else address_of(REPORT, hat, written.in_addresses, written.uid)


def _permitted_url(written: Writing, hat: str, power: str, name: str) -> str:
    """Where the reader does what this power permits; empty without it."""
    return address(f"messaging:{name}", hat, written.uid) if getattr(written, power) else ""


def answer_of(reply: Reply, *, reader: User, hat: str) -> ReplyCard:
    """`reply` carries its powers; the addresses of what the reader may not do stay empty."""
    url = partial(_permitted_url, reply, hat)
    return ReplyCard(
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
        show_url=url("may_show", "show_reply") if reply.is_hidden else "",
        report_url=report_url_of(reply, reader=reader, hat=hat),
        remove_url=url("may_remove", "remove_reply"),
        is_removed=reply.is_removed,
    )


def bubble_of(message: Any, *, hat: str, is_mine: bool, read_by: tuple[str, ...], photos: Sequence[Photo]) -> Bubble:
    """`message` carries its powers; the addresses of what the reader may not do stay empty."""
    url = partial(_permitted_url, message, hat)
    return Bubble(
        uid=message.uid,
        html=message.html,
        lang=message.language,
        author_name=message.author_name,
        author_function=message.author_function,
        published_at=message.published_at,
        edited_at=message.edited_at,
        is_mine=is_mine,
        is_own_side=message.hat == hat,
        is_removed=message.is_removed,
        read_by=read_by,
        photos=tuple(thumb_of(photo, hat=hat, page="messaging:talk_viewer") for photo in photos),
        more_photos=photos[0].together - len(photos) if photos else 0,
        edit_url=url("may_edit", "edit_message"),
        retract_url=url("may_retract", "retract_message"),
        remove_url=url("may_remove", "remove_message"),
        report_url="" if is_mine else address_of(REPORT, hat, message.in_addresses, message.uid),
    )
