"""The hard copy of what is removed: what it was, as data, with the bytes of its photos (POL-62). Reads, writes nothing.

Made outside any transaction. `Prepared.stood` is what the content was when the copy was begun; whoever seals it asks
`standing` again under a lock, and a copy of something that moved meanwhile is not used. What it says is
`messaging.removing.domain`; how it is shown is for who reads the dossier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from groups.models import Child, Group, StaffMember
from groups.people.services.true_names import At, TrueName, true_functions, true_names
from groups.roles import Hat
from messaging.photos.models import Placement
from messaging.removing.domain import (
    Document,
    HardCopy,
    NamedPerson,
    Nearby,
    Reader,
    Readership,
    SchoolThen,
    SealedPhoto,
    SealedPlace,
    Text,
    Version,
    pack,
)
from messaging.talks.models import Thread
from messaging.talks.services.chairs import Participant, chairs_of
from messaging.writings.models import Message, Post, Reply, Seen, Writing
from messaging.writings.querysets.posts import PLACED
from messaging.writings.services.audience import audience_of, count_adults
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.dossier import Copy
from portal.core.media import storage
from portal.core.media.kinds import LARGE

AROUND = 5
"""How many messages before and after one in a conversation."""

Content = Writing | Placement


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


class Surroundings(NamedTuple):
    """Where it stood, for whom, who had it on the screen, and the texts that stood around it."""

    place: SealedPlace
    readership: Readership
    together: tuple[str, ...]
    readers: tuple[Reader, ...]
    above: Sequence[Writing]
    below: Sequence[Writing]


def prepare(content: Content, *, reason: str, by: Actor) -> Prepared:
    """A copy of the content as it is now. Raises `CopyFailedError`."""
    try:
        stood = standing(content)
        with translation.override(settings.LANGUAGE_CODE):
            copy = _copy_of(content, reason, by)
    except (OSError, DatabaseError) as error:
        raise CopyFailedError from error
    return Prepared(Copy(copy.document.kind, copy.document.uid, pack(copy)), stood)


def standing(content: Content) -> tuple[Any, ...]:
    """What the copy shows, in numbers: another version, state, photo or reply makes another answer."""
    written = _text_of(content)
    row = type(written)._default_manager.filter(pk=written.pk).values_list("version", "state", "hidden_at").get()
    photos = _placements(content).order_by("pk").values_list("pk", "position", "alt", "image__key", "reported_key")
    below = Reply.objects.filter(post=written.pk) if content is written and written.on_page_of is written else None
    replies = below.order_by("pk").values_list("pk", "version", "state") if below is not None else []
    return (row, tuple(photos), tuple(replies))


def _text_of(content: Content) -> Writing:
    """The text itself, or the one that a photo stands in."""
    return content.writing if isinstance(content, Placement) else content


def _placements(content: Content) -> Any:
    """The photos that the copy shows: the one, or all that stand in the text."""
    shown = Placement.objects.filter(removed_at__isnull=True)
    if isinstance(content, Placement):
        return shown.filter(pk=content.pk)
    return shown.filter(writing=content.pk)


def _copy_of(content: Content, reason: str, by: Actor) -> HardCopy:
    given = _text_of(content)
    written: Any = type(given)._default_manager.select_related("school").get(pk=given.pk)
    is_photo = isinstance(content, Placement)
    around = _surroundings(written, by)
    names = _names([written, *around.above, *around.below], written.school_id, by.now)
    placed = list(_placements(content).select_related("image").order_by("position", "pk"))
    stored = [storage.read(one.as_reported[0], "webp", LARGE) for one in placed]
    document = Document(
        kind="photo" if is_photo else str(written.kind),
        uid=content.image.uid if isinstance(content, Placement) else content.uid,
        school=SchoolThen(written.school.uid, written.school.name, written.school.brin),
        place=around.place,
        readership=around.readership,
        together=around.together,
        reason=reason,
        removed_by=_decider(written, by),
        by_its_writer=by.user.pk == written.author_id,
        made_at=by.now,
        text=_text(written, names),
        versions=() if is_photo else tuple(_versions(written)),
        photos=tuple(_photo(one, data) for one, data in zip(placed, stored, strict=True)),
        above=tuple(_nearby(one, names) for one in around.above),
        below=tuple(_nearby(one, names) for one in around.below),
        readers=around.readers,
    )
    return HardCopy(document, {chain.digest(data): data for data in stored})


def _names(written: Iterable[Writing], school: int, now: datetime) -> dict[int, NamedPerson]:
    """By author the true name and function; what readers saw stands beside it."""
    people = {one.author_id: At(one.author_id, school, one.hat) for one in written}
    names = true_names(people.values(), now=now)
    return {author: _person(names[at]) for author, at in people.items()}


def _person(name: TrueName) -> NamedPerson:
    return NamedPerson(name.name, name.function)


def _decider(written: Writing, by: Actor) -> NamedPerson:
    """True name and function of who removes it."""
    at = At(by.user.pk, written.school_id, written.hat if by.user.pk == written.author_id else Hat.STAFF)
    return _person(true_names([at], now=by.now)[at])


def _text(written: Writing, names: Mapping[int, NamedPerson]) -> Text:
    return Text(
        author=names[written.author_id],
        shown=NamedPerson(written.author_name, written.author_function),
        version=written.version,
        state=written.state,
        language=written.language,
        title=written.title,
        text=written.text,
        published_at=written.placed_at,
        edited_at=written.edited_at,
        hidden_at=written.hidden_at,
        reported_at=written.reported_at,
        asks=" ".join(str(one) for one in (written.ask, written.ask_on, written.answer_by, written.answer_at) if one),
        bring=written.bring,
        cost=written.cost,
        options=written.options,
        tasks=written.tasks,
        event=" · ".join(str(one) for one in (written.venue, written.begins_at, written.capacity) if one),
    )


def _versions(written: Any) -> Iterable[Version]:
    for row in written.versions.order_by("number"):
        yield Version(row.number, row.title, row.text, row.written_at)


def _nearby(one: Writing, names: Mapping[int, NamedPerson]) -> Nearby:
    return Nearby(names[one.author_id], one.state, one.language, one.title, one.text, one.placed_at)


def _photo(placement: Placement, stored: bytes) -> SealedPhoto:
    """`stored`: the very bytes. Without them there is no copy: reading them raised `FileNotFoundError` before."""
    image = placement.image
    return SealedPhoto(chain.digest(stored), placement.alt, image.width, image.height, placement.placed_at)


def _surroundings(written: Any, by: Actor) -> Surroundings:
    above = written.on_page_of
    if above is None:
        return _in_a_talk(written, by)
    stands_alone, group = above is written, above.group
    together = Post.objects.together_with(above).exclude(pk=above.pk).select_related("group").order_by("pk")
    return Surroundings(
        place=SealedPlace(group.name, "" if stands_alone else above.title, child="", is_talk=False),
        readership=_readership(written, group, by.now),
        together=tuple(twin.group.name for twin in together) if stands_alone else (),
        readers=_readers(Seen.objects.filter(writing=above), written.school_id, by.now),
        above=[] if stands_alone else [above],
        below=list(Reply.objects.filter(post=above, state__in=PLACED).in_order()) if stands_alone else [],
    )


def _readership(written: Any, group: Group, now: datetime) -> Readership:
    if written.to_staff:
        return Readership(only_staff=True, families=0, joined=0, readers=0, sitting=())
    audience = audience_of([group], now=now)
    readers = count_adults([group], now=now) + audience.people
    return Readership(only_staff=False, families=audience.families, joined=audience.joined, readers=readers, sitting=())


def _in_a_talk(message: Message, by: Actor) -> Surroundings:
    """What was said around it only as far as who decides reads it in the staff hat: nobody reads along silently."""
    thread = message.thread
    here = Message.objects.visible_to(by.wearing(Hat.STAFF)).filter(thread=thread).exclude(pk=message.pk)
    before = here.filter(published_at__lte=message.published_at, pk__lt=message.pk).order_by("-published_at", "-pk")
    after = here.filter(published_at__gte=message.published_at, pk__gt=message.pk).order_by("published_at", "pk")
    sitting = tuple(_sitting(chairs_of([thread], now=by.now)[thread.pk], by.now))
    return Surroundings(
        place=SealedPlace("", "", child=_named_child(thread, by.now), is_talk=True),
        readership=Readership(only_staff=False, families=0, joined=0, readers=0, sitting=sitting),
        together=(),
        readers=_readers(Seen.objects.filter(writing=message), message.school_id, by.now),
        above=list(before[:AROUND])[::-1] if by.user.pk != message.author_id else [],
        below=list(after[:AROUND]) if by.user.pk != message.author_id else [],
    )


def _named_child(thread: Thread, now: datetime) -> str:
    """A shielded child stands in no copy by name: the case it belongs to knows which child it is."""
    is_shielded = Child.objects.shielded(now=now).filter(pk=thread.child_id).exists()
    return "" if is_shielded else str(thread.child.first_name)


def _sitting(chairs: Iterable[Participant], now: datetime) -> list[NamedPerson]:
    """The true names of who was in the conversation, also of who never came in."""
    seated = list(chairs)
    staff = {row.uid: row for row in StaffMember.objects.filter(uid__in=[chair.uid for chair in seated])}
    functions = true_functions(staff.values(), now=now)
    true = {uid: NamedPerson(row.full_name, functions[row.pk]) for uid, row in staff.items()}
    return [true.get(chair.uid, NamedPerson(chair.name, "")) for chair in seated]


def _readers(seen: Any, school: int, now: datetime) -> tuple[Reader, ...]:
    rows = list(seen.order_by("seen_at", "pk").values_list("user", "seen_at"))
    names = true_names((At(user, school) for user, _at in rows), now=now)
    return tuple(Reader(_person(names[At(user, school)]), at) for user, at in rows)
