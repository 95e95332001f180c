"""What is mailed about a question: who did not answer is reminded, who did hears when it changed or is gone.

Whether it still concerns the reader is asked on leaving.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from groups.models import Group, NewsKind, School
from groups.people.mail import CHOSE_OTHERWISE, one_click, stop_url
from groups.people.services.contact_choices import shown_on_phones, without_mail
from groups.roles import Hat
from messaging.asks.services.board import AskRow, BoardAsk
from messaging.asks.services.closing import is_over
from messaging.asks.services.coming import who_comes
from messaging.asks.services.helping import NO_HELP, Helping, helping_with
from messaging.asks.services.links import answer_token
from messaging.asks.services.news import A_PLACE, GONE, OFF, ON_PHONE, changed_at
from messaging.asks.services.reminders import HELPER_ON_PHONE, left_on_phones, left_to_answer
from messaging.writings.models import Post, WritingVersion
from messaging.writings.services.names import names_lost
from portal.core.domain.moments import school_day
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Render, Withheld
from portal.core.outbox.kinds import Answer


def answer_url(*, user: User, post: UUID, ask_on: date) -> str:
    """Where `user` answers this one question without signing in."""
    token = answer_token(user=user, post=post, ask_on=ask_on)
    return settings.KRING_BASE_URL + reverse("messaging:answer_by_mail", args=[token])


def render_reminders(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who has not answered yet; nobody else hears of it.

    Of what says a name that may not be used any more only the way to it (POL-40).
    """
    schools, left = _left(rows, left_to_answer, now)
    days = {day for _, day in left}
    asking = [Post.objects.to_answer_by(day).filter(school__uid__in=schools) for day in days]
    lost = names_lost([post for posts in asking for post in posts], now=now).keys()
    for row in rows:
        reader, school, day = row.recipient, schools.get(row.subject_uid), _last_day(row)
        if reader and school and (asks := left[row.subject_uid, day].get(reader.pk)):
            yield _mail(reader, school, asks, day, lost)
        else:
            yield Withheld("nothing is left to answer")


def render_reminders_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """To the phones of who has not answered: at which school, and that something waits. Not what."""
    schools, left = _left(rows, left_on_phones, now)
    for row in rows:
        reader, school, day = row.recipient, schools.get(row.subject_uid), _last_day(row)
        if reader and school and left[row.subject_uid, day].get(reader.pk):
            with translation.override(reader.language):
                words = _("Not answered yet. The last day is %(day)s.") % {"day": _day(day)}
                yield Push(school.name, words, _feed(), f"asks-{school.uid}-{day}", reader.language)
        else:
            yield Withheld("nothing is left to answer")


def _last_day(row: OutboxItem) -> date:
    return date.fromisoformat(row.dedupe_key.split(":")[2])


def _left(
    rows: Sequence[OutboxItem], left_of: Callable[..., dict[int, list[BoardAsk]]], now: datetime
) -> tuple[Mapping[UUID, School], Mapping[tuple[UUID, date], Mapping[int, list[BoardAsk]]]]:
    """The schools of these rows; and by school and last day what is left to answer for each reader."""
    schools = School.objects.in_bulk({row.subject_uid for row in rows}, field_name="uid")
    readers: dict[tuple[UUID, date], set[int]] = defaultdict(set)
    for row in rows:
        if row.recipient_id and row.subject_uid in schools:
            readers[row.subject_uid, _last_day(row)].add(row.recipient_id)
    left = {
        (school, day): left_of(readers=users, school=schools[school], last_day=day, now=now)
        for (school, day), users in readers.items()
    }
    return schools, left


class Concern(NamedTuple):
    """A row of the outbox: whom it tells of which message."""

    row: OutboxItem
    reader: User
    post: Post


def by_mail(render: Render) -> Render:
    """What is told about one message, to who wants mail about what is asked by then."""

    def make(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
        about = _about(rows)
        readers = [row.recipient_id for row in rows if row.recipient_id]
        schools = {one.post.school for one in about if isinstance(one, Concern)}
        stopped = without_mail(users=readers, schools=schools, kind=NewsKind.ASKS)
        for one, answer in zip(about, render(rows, now), strict=True):
            is_stopped = isinstance(one, Concern) and one.reader.pk in stopped[one.post.school_id]
            yield Withheld(CHOSE_OTHERWISE) if is_stopped else answer

    return make


def on_phones(still: Callable[[Sequence[OutboxItem], datetime], Sequence[Concern | Withheld]]) -> Render:
    """The same for a phone: the group and who wrote, or a reminder's one sentence. `still`: whom it still concerns."""

    def show(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
        told = still(rows, now)
        readers = [row.recipient_id for row in rows if row.recipient_id]
        schools = {one.post.school for one in told if isinstance(one, Concern)}
        shown = {school.pk: shown_on_phones(users=readers, school=school) for school in schools}
        wanted = _only(told, lambda one: NewsKind.ASKS in shown[one.post.school_id][one.reader.pk], CHOSE_OTHERWISE)
        return _each(wanted, lambda one: _push(one.reader, one.post, one.row.kind))

    return show


def _only(
    told: Iterable[Concern | Withheld], concerns: Callable[[Concern], object], reason: str
) -> Sequence[Concern | Withheld]:
    """The others hear nothing any more, for this reason."""
    return [one if isinstance(one, Withheld) or concerns(one) else Withheld(reason) for one in told]


def _each(told: Iterable[Concern | Withheld], make: Callable[[Concern], Answer]) -> Sequence[Answer]:
    return [one if isinstance(one, Withheld) else make(one) for one in told]


def _push(reader: User, post: Post, kind: str) -> Push:
    path = _feed() if kind == ON_PHONE[GONE] else reverse("messaging:post", args=[Hat.FAMILY, post.uid])
    with translation.override(reader.language):
        words = {HELPER_ON_PHONE: f"{_you_help(post)}.", ON_PHONE[OFF]: f"{_you_are_off(post)}."}.get(kind)
        words = words or post.author_name
        return Push(post.group.name, words, path, f"post-{post.uid}", reader.language)


def _you_help(post: Post) -> str:
    """By the day itself: a phone that was off, a mail that is opened in the morning says it after midnight too."""
    return capfirst(_("%(day)s you help") % {"day": _day(post.ask_on)}) if post.ask_on else ""


def _you_are_off(post: Post) -> str:
    return _("You are not on the list any more for %(day)s") % {"day": _day(post.ask_on)} if post.ask_on else ""


def _day(day: date) -> str:
    return date_format(day, _("l j F"))


def _feed() -> str:
    return reverse("messaging:feed", args=[Hat.FAMILY])


def still_reading(rows: Sequence[OutboxItem], now: datetime) -> Sequence[Concern | Withheld]:
    """Who answered before, while it stands there for them."""
    told = _about(rows)
    posts = Post.objects.filter(pk__in={one.post.pk for one in told if isinstance(one, Concern)})
    readers = {one.reader.pk for one in told if isinstance(one, Concern)}
    pairs = set(posts.visible_pairs(readers, now=now, hat=Hat.FAMILY))
    reason = "the reader does not see the message any more"
    return _only(told, lambda one: (one.reader.pk, one.post.pk) in pairs, reason)


def still_answering(rows: Sequence[OutboxItem], now: datetime) -> Sequence[Concern | Withheld]:
    """Who answered, and whose answer stays, while something is asked."""
    return _only(still_reading(rows, now), lambda one: one.post.ask_on, "the message asks nothing any more")


def still_helping(rows: Sequence[OutboxItem], now: datetime) -> Sequence[Concern | Withheld]:
    """Who has a place to help at what is to come; not who signed off."""
    told, today = still_reading(rows, now), school_day(now)
    helping = _helping(told)

    def helps(one: Concern) -> bool:
        return bool(one.post.ask_on and one.post.ask_on >= today and _helps(one, helping).tasks)

    return _only(told, helps, "the reader does not help with this any more")


def still_off(rows: Sequence[OutboxItem], now: datetime) -> Sequence[Concern | Withheld]:
    """Who is not counted among who comes to what is to come; not who is again."""
    told, today = still_reading(rows, now), school_day(now)
    posts = {one.post for one in told if isinstance(one, Concern)}
    comes = {post.pk: who_comes(post, now=now) for post in posts}

    def is_off(one: Concern) -> bool:
        return bool(one.post.ask_on and one.post.ask_on >= today and one.reader.pk not in comes[one.post.pk])

    return _only(told, is_off, "the reader comes, or it is over")


def still_in_group(rows: Sequence[OutboxItem], now: datetime) -> Sequence[Concern | Withheld]:
    """Who answered, while the group is still theirs: the message itself may be gone."""
    told = _about(rows)
    groups = Group.objects.filter(pk__in={one.post.group_id for one in told if isinstance(one, Concern)})
    readers = {one.reader.pk for one in told if isinstance(one, Concern)}
    pairs = set(groups.visible_pairs(readers, now=now, hat=Hat.FAMILY))
    return _only(
        told, lambda one: (one.reader.pk, one.post.group_id) in pairs, "the reader is not in the group any more"
    )


def render_changed(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
    """What it is about by now, with the way to answer again where that can be."""
    return _moved(still_reading(rows, now), now, answer_stays=False)


def render_otherwise(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
    """What it is about by now, and what one helps with."""
    return _moved(still_answering(rows, now), now, answer_stays=True)


def _moved(told: Sequence[Concern | Withheld], now: datetime, *, answer_stays: bool) -> Iterable[Answer]:
    lost, versions, helping = _lost(told, now), _versions(told), _helping(told)

    def tell(one: Concern) -> Mail:
        was, is_spared, helps = _moved_from(one, versions[one.post.pk]), one.post.pk in lost, _helps(one, helping)
        url = _url(one.reader, one.post)
        return _news(one.reader, one.post, url, helps, was=was, answer_stays=answer_stays, is_spared=is_spared)

    return _each(told, tell)


def render_helping(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
    """To who helps tomorrow, and to who waited and has a place by now: with what, and when."""
    told = still_helping(rows, now)
    lost, helping = _lost(told, now), _helping(told)

    def tell(one: Concern) -> Mail:
        waited, is_spared, helps = one.row.kind == A_PLACE, one.post.pk in lost, _helps(one, helping)
        is_closed, url = is_over(one.post, now=now), _url(one.reader, one.post)
        return _news(one.reader, one.post, url, helps, waited=waited, is_closed=is_closed, is_spared=is_spared)

    return _each(told, tell)


def render_off(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
    """To who said yes, and is not counted any more as a no of somebody else stands; not of whom."""
    told = still_off(rows, now)
    lost = _lost(told, now)

    def tell(one: Concern) -> Mail:
        url, is_spared = _url(one.reader, one.post), one.post.pk in lost
        return _news(one.reader, one.post, url, is_off=True, is_spared=is_spared)

    return _each(told, tell)


def render_gone(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Answer]:
    """It names the day alone: its words were taken back."""
    return _each(still_in_group(rows, now), lambda one: _news(one.reader, one.post, "", is_gone=True))


def _lost(told: Iterable[Concern | Withheld], now: datetime) -> Collection[int]:
    """Those that say a name that may not be used any more: of these only the way to it is mailed (POL-40)."""
    return names_lost({one.post for one in told if isinstance(one, Concern)}, now=now).keys()


def _about(rows: Sequence[OutboxItem]) -> Sequence[Concern | Withheld]:
    posts = Post.objects.select_related("school", "group").in_bulk({row.subject_uid for row in rows}, field_name="uid")
    gone = Withheld("the message or its reader is not there any more")
    about = ((row, row.recipient, posts.get(row.subject_uid)) for row in rows)
    return [Concern(row, reader, post) if reader and post else gone for row, reader, post in about]


def _helping(told: Iterable[Concern | Withheld]) -> Mapping[tuple[int, UUID], Helping]:
    posts = {one.post for one in told if isinstance(one, Concern)}
    return helping_with(posts, users={one.reader.pk for one in told if isinstance(one, Concern)})


def _helps(one: Concern, helping: Mapping[tuple[int, UUID], Helping]) -> Helping:
    return helping.get((one.reader.pk, one.post.together_key), NO_HELP)


def _versions(told: Iterable[Concern | Withheld]) -> Mapping[int, Sequence[WritingVersion]]:
    """How each message stood before, the last first."""
    versions: dict[int, list[WritingVersion]] = defaultdict(list)
    posts = {one.post.pk for one in told if isinstance(one, Concern)}
    for version in WritingVersion.objects.filter(writing__in=posts).order_by("-number"):
        versions[version.writing_id].append(version)
    return versions


def _moved_from(told: Concern, versions: Sequence[WritingVersion]) -> WritingVersion | None:
    """What stood there before the change of which is told, where that was another day or hour.

    Of it the day and the hour go out, and no words: they may have been changed for a name in them (POL-40).
    """
    post, at = told.post, changed_at(told.row)
    was = next((one for one in versions if one.written_at < at), None)
    if not (post.ask_on and was and was.ask_on):
        return None
    moved = was.ask_on != post.ask_on or was.begins_at not in (None, post.begins_at)
    return was if moved else None


def _way(reader: User, asked: AskRow, is_spared: bool) -> str:
    return _read_url(asked.uid) if is_spared else answer_url(user=reader, post=asked.uid, ask_on=asked.ask_on)


def _read_url(post: UUID) -> str:
    return settings.KRING_BASE_URL + reverse("messaging:post", args=[Hat.FAMILY, post])


def _url(reader: User, post: Post) -> str:
    return answer_url(user=reader, post=post.uid, ask_on=post.ask_on) if post.ask_on else ""


def _news(
    reader: User,
    post: Post,
    url: str,
    helps: Helping = NO_HELP,
    *,
    is_gone: bool = False,
    was: WritingVersion | None = None,
    answer_stays: bool = False,
    waited: bool | None = None,
    is_closed: bool = False,
    is_spared: bool = False,
    is_off: bool = False,
) -> Mail:
    """`was`: on another day or hour before. `waited`: one helps, and waited for a place before, or knows of it already.
    `is_closed`: nobody signs off in Kring any more. `is_spared`: without its words. `is_off`: one said yes, and a no of
    somebody else stands.
    """
    url = _read_url(post.uid) if is_spared else url
    stop = stop_url(user=reader, school=post.school)
    with translation.override(reader.language):
        if is_off:
            heading, subject = _you_are_off(post), _("%(what)s at %(school)s")
        elif waited is None:
            heading = _("School asks this no more") if is_gone else _("Something changed")
            subject = _("%(what)s: what you answered at %(school)s")
        else:
            heading = _("There is a place: you help") if waited else _you_help(post)
            subject = _("%(what)s at %(school)s")
        context = {
            "subject": subject % {"what": heading, "school": post.school.name},
            "heading": heading,
            "was": was,
            "answer_stays": answer_stays,
            "helps": waited is not None,
            "is_closed": is_closed,
            "is_off": is_off,
            "tasks": helps.tasks,
            "waits": answer_stays and helps.waits,
            "school": post.school.name,
            "school_phone": post.school.phone,
            "post": post,
            "is_gone": is_gone,
            "is_spared": is_spared,
            "url": url or settings.KRING_BASE_URL + reverse("messaging:feed", args=[Hat.FAMILY]),
            "stop": stop,
        }
        return Mail(
            subject=str(context["subject"]),
            text=render_to_string("emails/ask_news.txt", context),
            html=render_to_string("emails/ask_news.html", context),
            headers=one_click(stop),
        )


def _mail(reader: User, school: School, asks: Sequence[BoardAsk], last_day: date, lost: Collection[int]) -> Mail:
    """No title and no name in the subject: it is read over somebody's shoulder, and on a locked phone."""
    stop = stop_url(user=reader, school=school)
    with translation.override(reader.language):
        context = {
            "subject": _("Not answered yet at %(school)s") % {"school": school.name},
            "school": school.name,
            "school_phone": school.phone,
            "day": last_day,
            "asks": [(one, _way(reader, one.row, one.row.pk in lost), one.row.pk in lost) for one in asks],
            "choice_url": settings.KRING_BASE_URL + reverse("groups:contact"),
            "stop": stop,
        }
        return Mail(
            subject=str(context["subject"]),
            text=render_to_string("emails/ask_reminder.txt", context),
            html=render_to_string("emails/ask_reminder.html", context),
            headers=one_click(stop),
        )
