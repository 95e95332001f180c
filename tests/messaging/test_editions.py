"""The newsletter and the mails per message: who gets which post, once, in the week it belongs to."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.utils import timezone

from groups.models import Child, Group, Guardianship, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from groups.schools.services import change_school, set_holiday
from messaging.handins.services.handins import approve_handin
from messaging.models import DigestEdition, DigestItem, Post
from messaging.newsletter.domain import IsoWeek, Moment
from messaging.newsletter.mail.editions import render_edition
from messaging.newsletter.services import editions
from messaging.posts.services.posts import Draft, edit_post, publish_post
from messaging.removing.services.removal import retract_post
from messaging.tasks import hold_what_was_planned
from messaging.writings.services.written import hide_written, show_written
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem, OutboxState, User
from portal.core.outbox import Mail, Withheld, delivery
from tests.cast import NAMES, Cast
from tests.scene import Scene

MINUTE = timedelta(minutes=1)


@pytest.fixture
def friday(cast: Cast) -> datetime:
    """The last cut that passed, as every school's day and hour: this very hour of today."""
    OutboxItem.objects.all().delete()
    now = timezone.now().astimezone(SCHOOL_ZONE).replace(minute=0, second=0, microsecond=0)
    for school in (cast.linde, cast.berk):
        change_school(school=school, by=clock(now), digest_weekday=now.isoweekday(), digest_hour=now.hour)
        school.refresh_from_db()
    return now


def write(
    by: User,
    groups: Sequence[Group],
    at: datetime,
    title: str = "Herfst op tafel",
    replies: str = "on",
    hat: Hat = Hat.STAFF,
) -> list[Post]:
    return publish_post(
        groups=groups,
        topic="update",
        title=title,
        text="We zochten bladeren.",
        replies=replies,
        by=Actor(by, hat, at),
    )


def hold_what_was_planned_at(now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        hold_what_was_planned()


def letters(kind: str = "digest") -> QuerySet[OutboxItem]:
    return OutboxItem.objects.filter(kind=kind)


def receivers() -> set[str]:
    return {message.to[0].partition("@")[0] for message in mail.outbox}


def mail_to(name: str) -> Any:
    (found,) = [message for message in mail.outbox if message.to == [f"{name}@cast.example"]]
    return found


@pytest.mark.parametrize("hat", [None, Hat.FAMILY, Hat.STAFF])
def test_pairs_are_visible_to_asked_for_everybody_at_once(cast: Cast, scene: Scene, hat: str | None) -> None:
    """One rule: recipients of a letter are the readers of the page (POL-01, 04, 05)."""
    now = timezone.now()
    [of_council] = write(cast.council_member, [cast.mr], now, hat=Hat.FAMILY)
    hide_written(written=of_council, by=Actor(cast.directie, Hat.STAFF, now))
    people = [user for name in NAMES if (user := cast.user(name)).is_authenticated]
    asked = {
        (u.pk, pk) for u in people for pk in Post.objects.visible_to(Actor(u, hat, now)).values_list("pk", flat=True)
    }
    assert set(Post.objects.visible_pairs(people, now=now, hat=hat)) == asked
    assert set(Post.objects.visible_pairs(User.objects.all(), now=now, hat=hat)) == asked
    assert len(asked) == len(list(Post.objects.visible_pairs(people, now=now, hat=hat)))


def test_pairs_of_children_are_visible_to_asked_for_everybody_at_once(cast: Cast) -> None:
    now = timezone.now()
    people = [user for name in NAMES if (user := cast.user(name)).is_authenticated]
    asked = {
        (u.pk, pk)
        for u in people
        for pk in Child.objects.visible_to(Actor(u, Hat.ANY, now)).values_list("pk", flat=True)
    }
    assert set(Child.objects.all().visible_pairs([user.pk for user in people], now=now)) == asked


def placed(scene: Scene) -> QuerySet:
    """What stands there now: not what was handed in, nor what waits for its moment."""
    return Post.objects.exclude(state="submitted").exclude(pk=scene.post_to_come.pk)


def test_each_parent_gets_one_mail_with_the_own_groups(cast: Cast, scene: Scene, friday: datetime) -> None:
    placed(scene).update(published_at=friday - timedelta(hours=2))
    together = write(cast.editor, [cast.whole_school], friday - MINUTE, "Denk mee")
    editions.send_due_editions(now=friday + MINUTE)
    editions.send_due_editions(now=friday + 6 * MINUTE)
    outbox.sweep(now=friday + MINUTE)
    assert receivers() == {
        "mother", "father", "admitted_reader", "other_parent", "parent_of_two", "council_member",
        "teacher_who_is_parent", "parent_elsewhere",
    }  # fmt: skip
    assert len(mail.outbox) == len(receivers())
    mother = mail_to("mother")
    html = mother.alternatives[0].content
    assert "Noor" in mother.body
    assert "Noor" not in mother.subject
    assert scene.post.title in mother.body
    assert scene.post_whole_school.title in html
    assert scene.post_groep_5.title not in mother.body + html
    assert html.count("<h2") == mother.body.count("thuis/bericht/") == 4
    assert str(together[0].uid) in html
    assert mother.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "<img" not in html
    letter = letters().get(recipient=cast.mother)
    kept = DigestItem.objects.filter(letter=letter, attempt=letter.attempts)
    assert {(item.post_id, item.version) for item in kept} >= {(scene.post.pk, 1), (together[0].pk, 1)}
    print(f"ledger: {outbox.ledger(kind='digest')} · double 0 · wrong 0")


def test_a_right_that_ends_while_the_mails_go_out_slowly_counts(
    cast: Cast, friday: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the register says what went, not what would have gone."""
    [post] = write(cast.teacher, [cast.groep_4], friday - MINUTE)
    editions.send_due_editions(now=friday + MINUTE)
    first, *_others, last = letters().order_by("pk")
    assert last.recipient
    hand_over, passed = delivery.hand_over, [0]

    def slow(server: Any, message: Any) -> Any:
        passed[0] += 60
        for row in Guardianship.objects.filter(caregiver__user=last.recipient, valid_until=None):
            end_guardianship(guardianship=row, by=Actor(cast.directie, Hat.STAFF, friday + MINUTE))
        words = {"topic": "update", "title": "Winter op tafel", "text": "Sneeuw.", "replies": "on"}
        if Post.objects.get(pk=post.pk).version == 1:
            edit_post(post=post, version=1, **words, by=Actor(cast.teacher, Hat.STAFF, friday + MINUTE))
        return hand_over(server, message)

    monkeypatch.setattr(delivery, "monotonic", lambda: passed[0])
    monkeypatch.setattr(delivery, "hand_over", slow)
    outbox.sweep(now=friday + MINUTE)
    for letter in letters().exclude(pk=last.pk):
        version = DigestItem.objects.get(letter=letter, attempt=letter.attempts, post=post).version
        assert version == (1 if letter == first else 2)
        assert ("Winter" in mails_to(letter)) == (version > 1)
    last.refresh_from_db()
    assert (last.state, "op tafel" in mails_to(last)) == ("withheld", False)
    assert not DigestItem.objects.filter(letter=last, attempt=last.attempts).exists()


def mails_to(letter: OutboxItem) -> str:
    return "".join(one.body for one in mail.outbox if letter.recipient and one.to == [letter.recipient.email])


@pytest.mark.parametrize("way", [Way.WEEKLY, Way.MESSAGE])
def test_mail_carries_the_whole_byline(cast: Cast, scene: Scene, friday: datetime, way: Way) -> None:
    """POL-07, POL-15: in the newsletter and in a mail of its own one reads as what somebody wrote."""
    choose_way(user=cast.mother, school=cast.linde, way=way, now=friday - timedelta(days=1))
    Post.objects.exclude(state="submitted").update(published_at=friday - timedelta(days=30))
    OutboxItem.objects.all().delete()
    write(cast.teacher, [cast.groep_4], friday - 30 * MINUTE)
    handin = scene.draft_of_council
    words = {"topic": "notice", "title": "De MR zoekt leden", "text": "Wie denkt er mee?", "replies": "off"}
    told = {"handin": handin, "version": handin.version, "by": Actor(cast.directie, Hat.ANY, friday - 30 * MINUTE)}
    placed = approve_handin(draft=Draft(words), **told).post
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    mine = [message for message in mail.outbox if message.to == ["mother@cast.example"]]
    [teacher] = cast.teacher.staff_records.all()
    for said in ("".join(one.body for one in mine), "".join(str(one.alternatives[0].content) for one in mine)):
        assert f"{teacher.display_name}, {teacher.function}" in said
        assert f"{placed.author_name} (namens de MR)" in said


def test_a_function_is_text_in_a_mail(cast: Cast, friday: datetime) -> None:
    cast.teacher.staff_records.update(function="<b>leerkracht</b>\nBcc: x@x.example")
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    mother = mail_to("mother")
    assert "&lt;b&gt;leerkracht&lt;/b&gt;" in mother.alternatives[0].content
    assert "\nBcc" not in mother.body


def test_a_post_for_several_groups_stands_once_with_both_children(cast: Cast, friday: datetime) -> None:
    write(cast.directie, [cast.groep_4, cast.groep_5], friday - MINUTE)
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    both, one = mail_to("parent_of_two"), mail_to("mother")
    assert both.body.count("Herfst op tafel") == 1
    assert "Finn en Lot" in both.body
    assert "Groep 4, Groep 5" in both.body
    assert "Groep 5" not in one.body


def test_what_still_asks_something_stands_first_by_its_day(cast: Cast, friday: datetime) -> None:
    """As on the board; what was to be done already stands where its hour puts it, for who had no mail about it."""
    choose_way(user=cast.mother, school=cast.linde, way=Way.WEEKLY, now=friday - timedelta(days=1))
    for minutes, title in enumerate(["Vier", "Een", "Drie", "Twee"], 2):
        write(cast.teacher, [cast.groep_4], friday - minutes * MINUTE, title)
    for title, days in {"Drie": -1, "Een": 3, "Twee": 5}.items():
        day = friday.date() + timedelta(days=days)
        assert Post.objects.filter(title=title).update(ask="do", ask_on=day) == 1
    Post.objects.filter(title="Twee").update(ask="yes_no", answer_by=friday.date() + timedelta(days=4))
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    assert [_titles(name) for name in ("mother", "father")] == [
        ["Een", "Twee", "Drie", "Vier"],
        ["Een", "Twee", "Vier"],
    ]


def _titles(name: str) -> list[str]:
    return re.findall(r"^(?:Een|Twee|Drie|Vier)$", mail_to(name).body, re.M)


def test_what_was_taken_away_after_the_cut_is_not_in_the_mail(cast: Cast, scene: Scene, friday: datetime) -> None:
    """Asked when it is rendered: hidden, retracted, authority ended, another choice."""
    placed(scene).update(published_at=friday - timedelta(hours=2))
    editions.send_due_editions(now=friday + MINUTE)
    hide_written(written=scene.post, by=Actor(cast.directie, Hat.STAFF, friday + MINUTE))
    retract_post(post=scene.post_groep_5, by=Actor(cast.teacher_who_is_parent, Hat.STAFF, friday + MINUTE))
    end_guardianship(guardianship=cast.guardianship("father", "Noor"), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    choose_way(user=cast.other_parent, school=cast.linde, way=Way.NONE, now=friday)
    User.objects.filter(pk=cast.council_member.pk).update(is_active=False)
    OutboxItem.objects.filter(kind="told").delete()
    outbox.sweep(now=timezone.now() + MINUTE)
    assert receivers().isdisjoint({"father", "other_parent", "council_member"})
    assert scene.post.title not in mail_to("mother").body
    assert scene.post_groep_5.title not in mail_to("parent_of_two").body
    withheld = letters().filter(state=OutboxState.WITHHELD)
    assert {row.recipient.email.partition("@")[0] for row in withheld if row.recipient} == {
        "father", "other_parent", "council_member",
    }  # fmt: skip


def test_who_has_nothing_new_gets_no_row(cast: Cast, friday: datetime) -> None:
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    (made,) = [made for made in editions.send_due_editions(now=friday + MINUTE) if made.school == cast.linde]
    assert not letters().filter(recipient=cast.other_parent).exists()
    assert made.new == letters().count() == 5


def test_every_post_is_in_exactly_one_newsletter(cast: Cast, friday: datetime) -> None:
    """Posts around each cut, a holiday, a missed week: no reader finds a post twice or never."""
    set_holiday(
        school=cast.linde, name="Herfst", first_day=(friday + timedelta(7)).date(),
        last_day=(friday + timedelta(9)).date(), by=clock(friday))  # fmt: skip
    moments = [friday + timedelta(days=days, seconds=seconds) for days in (0, 7, 14) for seconds in (-1, 0, 1)]
    posts = [write(cast.teacher, [cast.groep_4], moment, f"T{n}")[0] for n, moment in enumerate(moments)]
    for days in (0, 2, 7, 8, 14, 21, 22):
        editions.send_due_editions(now=friday + timedelta(days=days) + MINUTE)
    late = [edition.name for edition in DigestEdition.objects.filter(school=cast.linde).order_by("cut_at")]
    assert len(late) == 3
    found = [
        [
            edition.name
            for edition in DigestEdition.objects.filter(school=cast.linde)
            if post in Post.objects.in_window(edition)
        ]
        for post in posts
    ]
    assert all(len(names) == 1 for names in found)
    assert [names[0] for names in found] == [late[0]] * 2 + [late[1]] * 6 + [late[2]]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("turns", "mailed"),
    [
        ([], [0]),
        ([(-DAY, -HOUR)], [0]),
        ([(-DAY, 2 * DAY)], [1]),
        ([(-DAY, 9 * DAY)], [2]),
        ([(-DAY, 2 * DAY), (3 * DAY, 4 * DAY)], [1]),
        ([(-DAY, 2 * DAY), (8 * DAY, 9 * DAY)], [1]),
        ([(-1.5 * DAY, -DAY), (-HOUR, 2 * DAY)], [1]),
        ([(-DAY, 2 * DAY), (6 * DAY, 9 * DAY)], [2]),
        ([(2 * DAY, 3 * DAY), (6 * DAY, 9 * DAY)], [0]),
        ([(-DAY, -HOUR), (2 * DAY, 9 * DAY)], [0]),
        ([(MINUTE / 2, 2 * DAY)], [1]),
        ([(2 * DAY, 3 * DAY)], [0]),
        ([(2 * DAY, 9 * DAY)], [0]),
        ([(-DAY, MINUTE / 2)], [0]),
    ],
    ids=[
        "never",
        "in time",
        "over the cut",
        "two weeks",
        "twice",
        "again",
        "a second time over the cut",
        "over the cut of two weeks",
        "after it, and over the next",
        "before it, and over the next",
        "as it leaves",
        "after it",
        "long after it",
        "shown just before it leaves",
    ],
)
def test_what_was_hidden_when_its_newsletter_went_is_in_the_next_one(
    cast: Cast, friday: datetime, turns: list[tuple[timedelta, timedelta]], mailed: list[int]
) -> None:
    """POL-51: in one newsletter, and in no two. `turns`: hidden and shown, from the cut of the week it is from."""
    [post] = write(cast.teacher, [cast.groep_4], friday - 2 * DAY)
    assert _in_newsletters(cast, post, turns, friday, late=MINUTE) == mailed


def _in_newsletters(
    cast: Cast,
    post: Post,
    turns: list[tuple[timedelta, timedelta]],
    friday: datetime,
    *,
    late: timedelta,
    away: timedelta = timedelta(0),
    read: list[int] | None = None,
) -> list[int]:
    """In which weeks the mail had it that is made so `late` and leaves when no worker was `away` any more; the same as
    those it is in when asked later, or these.
    """
    by = Actor(cast.teacher, Hat.STAFF, friday)
    moments = sorted(
        [(friday + week * 7 * DAY + late, editions.send_due_editions) for week in range(-1, 4)]
        + [(friday + week * 7 * DAY + late + away, None) for week in range(-1, 4)]
        + [(friday + hidden, hide_written) for hidden, _ in turns]
        + [(friday + shown, show_written) for _, shown in turns],
        key=lambda one: one[0],
    )
    found = []
    for moment, act in moments:
        if act is editions.send_due_editions:
            act(now=moment)
        elif act:
            act(written=post, by=by._replace(now=moment))
        if act:
            continue
        mail.outbox.clear()
        outbox.sweep(now=moment)
        if "mother" in receivers() and post.title in mail_to("mother").body:
            found.append((moment - friday) // (7 * DAY))
    those = [one for one in DigestEdition.objects.filter(school=cast.linde) if post in Post.objects.in_window(one)]
    assert [(one.cut_at - friday) // (7 * DAY) for one in those] == (found if read is None else read)
    return found


@pytest.mark.parametrize(
    ("turns", "mailed"),
    [
        ([], [0]),
        ([(HOUR, DAY)], [1]),
        ([(-DAY, DAY)], [1]),
        ([(HOUR, 2 * HOUR)], [0]),
        ([(-DAY, 2 * HOUR)], [0]),
        ([(-DAY, 2 * HOUR), (DAY, 2 * DAY)], [0]),
        ([(-DAY, -HOUR), (HOUR, DAY)], [1]),
        ([(HOUR, 2 * HOUR), (3 * HOUR, DAY)], [1]),
        ([(6 * HOUR, DAY)], [0]),
        ([(HOUR, 7 * DAY + 2 * HOUR)], [2]),
        ([(-DAY, 2 * DAY), (7 * DAY + HOUR, 8 * DAY)], [2]),
    ],
    ids=[
        "never",
        "as it was late",
        "over the cut",
        "shown before it was made",
        "over the cut, shown before it was made",
        "so, and again after it",
        "in time, and as it was late",
        "twice as it was late",
        "after it was made",
        "until the next one is late",
        "as the next one was late",
    ],
)
def test_what_was_hidden_when_a_newsletter_was_made_late_is_in_the_next_one(
    cast: Cast, friday: datetime, turns: list[tuple[timedelta, timedelta]], mailed: list[int]
) -> None:
    """POL-51: what counts is when it was made, five hours after its cut, and not the cut."""
    [post] = write(cast.teacher, [cast.groep_4], friday - 2 * DAY)
    assert _in_newsletters(cast, post, turns, friday, late=5 * HOUR) == mailed


@pytest.mark.parametrize(
    ("hidden", "shown", "mailed", "read"),
    [(1, 30, [1], [1]), (1, 3, [0], [0, 1]), (-1, 3, [1], [1]), (-1, 30, [1], [1]), (6, 30, [0], [0])],
)
def test_what_was_hidden_when_a_newsletter_left_late_is_in_the_next_one(
    cast: Cast, friday: datetime, hidden: int, shown: int, mailed: list[int], read: list[int]
) -> None:
    """POL-51: in hours from the cut; the mails were made in time, and left five hours later.

    `read`: in the pages of which weeks. Of what was hidden and shown meanwhile only the register knows who had it.
    """
    [post] = write(cast.teacher, [cast.groep_4], friday - 2 * DAY)
    turns = [(hidden * HOUR, shown * HOUR)]
    assert _in_newsletters(cast, post, turns, friday, late=MINUTE, away=5 * HOUR, read=read) == mailed


@pytest.mark.parametrize("arrives", [True, False])
def test_a_newsletter_that_left_in_parts_is_made_up_for_to_who_missed_something(
    cast: Cast, friday: datetime, arrives: bool
) -> None:
    """Hidden between the one mail and the other: the next newsletter has it for who had it in none.

    One that failed for good had nothing.
    """
    [post] = write(cast.teacher, [cast.groep_4], friday - 2 * DAY)
    by = Actor(cast.teacher, Hat.STAFF, friday)
    editions.send_due_editions(now=friday + MINUTE)
    letters().filter(recipient=cast.father).update(due_at=friday + 5 * HOUR)
    outbox.sweep(now=friday + 2 * MINUTE)
    if not arrives:
        letters().filter(recipient=cast.mother).update(state=OutboxState.FAILED)
    hide_written(written=post, by=by._replace(now=friday + HOUR))
    outbox.sweep(now=friday + 6 * HOUR)
    show_written(written=post, by=by._replace(now=friday + DAY))
    write(cast.teacher, [cast.groep_4], friday + 2 * DAY, "Winter op tafel")
    first = [one.to[0].partition("@")[0] for one in mail.outbox if post.title in one.body]
    mail.outbox.clear()
    editions.send_due_editions(now=friday + 7 * DAY + MINUTE)
    outbox.sweep(now=friday + 7 * DAY + 2 * MINUTE)
    second = [one.to[0].partition("@")[0] for one in mail.outbox if post.title in one.body]
    assert ("mother" in first, "father" in first) == (True, False)
    assert ("mother" in second, "father" in second) == (not arrives, True)
    assert "Winter op tafel" in mail_to("mother").body


@pytest.mark.parametrize(("hours", "sent"), [(1, True), (47, True), (49, False)])
def test_a_missed_cut_is_made_up_for_within_two_days(cast: Cast, friday: datetime, hours: int, sent: bool) -> None:
    editions.send_due_editions(now=friday - timedelta(days=7) + MINUTE)
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    editions.send_due_editions(now=friday + timedelta(hours=hours))
    assert letters().exists() == sent
    editions.send_due_editions(now=friday + timedelta(days=7) + MINUTE)
    mothers = letters().filter(recipient=cast.mother)
    assert mothers.count() == 1


def test_one_mail_a_school(cast: Cast, friday: datetime) -> None:
    """A parent at two schools is mailed by each, about that school only, and chooses apart."""
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    write(cast.teacher_elsewhere, [cast.group("G4", "99CB")], friday - MINUTE, "Van De Berk")
    choose_way(user=cast.parent_elsewhere, school=cast.linde, way=Way.NONE, now=friday)
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    assert "Van De Berk" in mail_to("parent_elsewhere").body
    assert all("Van De Berk" not in message.body for message in mail.outbox if "elsewhere" not in message.to[0])


def test_titles_only_when_the_school_says_so(cast: Cast, friday: datetime) -> None:
    change_school(school=cast.linde, by=clock(friday), digest_titles_only=True)
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    mother = mail_to("mother")
    assert "Herfst op tafel" in mother.body
    assert "We zochten bladeren" not in mother.body + mother.alternatives[0].content


def test_a_mail_asks_for_an_answer_only_where_one_can_be_given(cast: Cast, friday: datetime) -> None:
    Post.objects.all().delete()
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    write(cast.teacher, [cast.groep_4], friday - MINUTE, "Zonder antwoord", replies="off")
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    html = mail_to("mother").alternatives[0].content
    asked = re.findall(r">(Lees[^<]*)<span[^>]*>: ([^<]*)</span>", html)
    assert asked == [("Lees en antwoord in Kring", "Herfst op tafel"), ("Lees in Kring", "Zonder antwoord")]


def test_a_text_cannot_fill_another_place_of_the_mail(cast: Cast, friday: datetime) -> None:
    write(cast.teacher, [cast.groep_4], friday - MINUTE, "<b>[[stop 0]] {{ stop }}</b>")
    editions.send_due_editions(now=friday + MINUTE)
    outbox.sweep(now=friday + MINUTE)
    html = mail_to("mother").alternatives[0].content
    assert "&lt;b&gt;[[stop 0]] {{ stop }}&lt;/b&gt;" in html


class TestPerMessage:
    """Who chose a mail for each message."""

    def test_messages_of_a_moment_come_in_one_mail(self, cast: Cast, friday: datetime) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        start = friday + timedelta(seconds=30)
        for seconds in (0, 60, 120):
            write(cast.teacher, [cast.groep_4], start + timedelta(seconds=seconds), f"Om {seconds}")
        outbox.sweep(now=start + timedelta(minutes=10))
        assert mail.outbox == []
        outbox.sweep(now=start + timedelta(minutes=11))
        assert receivers() == {"mother"}
        assert [f"Om {n}" in mail_to("mother").body for n in (0, 60, 120)] == [True] * 3
        editions.send_due_editions(now=friday + MINUTE)
        assert not letters().filter(recipient=cast.mother).exists()

    def test_five_within_ten_minutes_are_one_mail_wherever_the_clock_stands(self, cast: Cast, friday: datetime) -> None:
        """One that was planned for the end of those minutes has a mail of its own, and stands in no other."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        start = friday + timedelta(minutes=4, seconds=47)
        write(cast.teacher, [cast.groep_4], start + timedelta(minutes=9), "Gepland")
        for minutes in (0, 2, 4, 6, 7):
            write(cast.teacher, [cast.groep_4], start + timedelta(minutes=minutes), f"Na {minutes}")
        outbox.sweep(now=start + timedelta(minutes=30))
        mails = sorted((str(one.body) for one in mail.outbox if one.to == ["mother@cast.example"]), key=len)
        assert [one.count("Na ") for one in mails] == [0, 5]
        assert ["Gepland" in one for one in mails] == [True, False]

    def test_what_is_asked_comes_at_once_to_who_never_chose(self, cast: Cast, friday: datetime) -> None:
        """A story waits for the week; in it stands once more what can still be answered."""
        write(cast.teacher, [cast.groep_4], friday - 30 * MINUTE, "Herfst")
        tomorrow = friday.date() + timedelta(days=1)
        words = {"topic": "update", "text": "Neem een schort mee.", "replies": "off", "ask": "do", "ask_on": tomorrow}
        by = Actor(cast.teacher, Hat.STAFF, friday - 30 * MINUTE)
        publish_post(groups=[cast.groep_4], title="Schort mee", by=by, **words)
        outbox.sweep(now=friday)
        assert mail_to("mother").body.count("Schort mee") == 1
        assert "Herfst" not in mail_to("mother").body
        mail.outbox.clear()
        editions.send_due_editions(now=friday + MINUTE)
        outbox.sweep(now=friday + MINUTE)
        assert [words in mail_to("mother").body for words in ("Schort mee", "Herfst")] == [True, True]

    @pytest.mark.parametrize(
        ("kind", "title"), [("stories", "Herfst op tafel"), ("school", "Studiedag"), ("asks", "Schort mee")]
    )
    def test_each_kind_goes_its_own_way(self, cast: Cast, friday: datetime, kind: str, title: str) -> None:
        """At once what is chosen so, the rest not, asked by the row and again by the mail."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.NONE, now=friday)
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, kinds=[kind], now=friday)
        write(cast.teacher, [cast.groep_4], friday)
        write(cast.directie, [cast.whole_school], friday, "Studiedag")
        (apron,) = write(cast.teacher, [cast.groep_4], friday, "Schort mee")
        Post.objects.filter(pk=apron.pk).update(ask="do", ask_on=friday.date())
        editions.bundle_posts(posts=list(Post.objects.filter(pk=apron.pk).select_related("group")), now=friday)
        outbox.sweep(now=friday + timedelta(minutes=12))
        mine = "".join(str(one.body) for one in mail.outbox if one.to == ["mother@cast.example"])
        assert [one for one in ("Herfst op tafel", "Studiedag", "Schort mee") if one in mine] == [title]

    def test_taken_back_in_time_is_not_mailed(self, cast: Cast, friday: datetime) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        retract_post(post=post, by=Actor(cast.teacher, Hat.STAFF, friday + MINUTE))
        outbox.sweep(now=friday + timedelta(minutes=12))
        assert mail.outbox == []
        assert letters("messages").get().state == OutboxState.WITHHELD

    @pytest.mark.parametrize(("hidden", "shown"), [(2, 6), (2, 60), (11, 300), (13, 60), (13, 300)])
    def test_what_was_hidden_when_its_mail_went_is_mailed_when_it_is_shown(
        self, cast: Cast, friday: datetime, hidden: int, shown: int
    ) -> None:
        """Minutes after it was placed. Who had it before it was hidden has it once."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        by = Actor(cast.teacher, Hat.STAFF, friday)
        for minute in sorted({*range(0, shown + 24, 4), hidden, shown}):
            now = friday + minute * MINUTE
            if act := {hidden: hide_written, shown: show_written}.get(minute):
                act(written=post, by=by._replace(now=now))
            hold_what_was_planned_at(now)
            outbox.sweep(now=now)
            if minute == shown:
                write(cast.teacher, [cast.groep_4], now + MINUTE / 2, "Schort mee")
        mine = [one.body for one in mail.outbox if one.to == ["mother@cast.example"]]
        assert [sum(title in body for body in mine) for title in (post.title, "Schort mee")] == [1, 1]

    @pytest.mark.parametrize(
        "turns", [{2: 6, 8: 60}, {2: 6, 40: 60}, {2: 20, 24: 30, 32: 90}, {2: 20, 60: 64, 68: 90}, {13: 20, 22: 60}]
    )
    def test_hidden_and_shown_more_than_once_it_is_mailed_once(
        self, cast: Cast, friday: datetime, turns: dict[int, int]
    ) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        by = Actor(cast.teacher, Hat.STAFF, friday)
        acts = {one: hide_written for one in turns} | {one: show_written for one in turns.values()}
        for minute in sorted({*range(0, max(acts) + 24, 2), *acts}):
            now = friday + minute * MINUTE
            if minute in acts:
                acts[minute](written=post, by=by._replace(now=now))
            hold_what_was_planned_at(now)
            outbox.sweep(now=now)
        mine = [one.body for one in mail.outbox if one.to == ["mother@cast.example"]]
        assert sum(post.title in body for body in mine) == 1

    @pytest.mark.parametrize(
        ("turns", "away"),
        [
            ({30: 60}, 46),
            ({30: 60}, 90),
            ({2: 60}, 90),
            ({2: 60}, 46),
            ({30: 60, 64: 120}, 46),
            ({30: 40, 44: 60}, 46),
            ({2: 20, 40: 60}, 46),
        ],
    )
    def test_it_is_mailed_once_however_late_its_mail_left(
        self, cast: Cast, friday: datetime, turns: dict[int, int], away: int
    ) -> None:
        """`turns`: hidden and shown, in minutes; no worker came `away` long. What counts is what was in a mail."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        by = Actor(cast.teacher, Hat.STAFF, friday)
        acts = {one: hide_written for one in turns} | {one: show_written for one in turns.values()}
        hold_what_was_planned_at(friday)
        for minute in sorted({*range(away, max(acts) + 60, 2), *acts}):
            now = friday + minute * MINUTE
            if minute in acts:
                acts[minute](written=post, by=by._replace(now=now))
            if minute >= away:
                hold_what_was_planned_at(now)
                outbox.sweep(now=now)
        mine = [one.body for one in mail.outbox if one.to == ["mother@cast.example"]]
        assert sum(post.title in body for body in mine) == 1

    def test_hidden_as_it_is_mailed_anew_because_it_asks_it_is_mailed_when_it_is_shown(
        self, cast: Cast, friday: datetime
    ) -> None:
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        by = Actor(cast.teacher, Hat.STAFF, friday + 30 * MINUTE)
        said = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
        edit_post(post=post, by=by, **said, ask="do", ask_on=friday.date() + timedelta(days=1))
        hide_written(written=post, by=by._replace(now=friday + 32 * MINUTE))
        outbox.sweep(now=friday + 44 * MINUTE)
        assert "mother" not in receivers()
        show_written(written=post, by=by._replace(now=friday + 60 * MINUTE))
        hold_what_was_planned_at(friday + 61 * MINUTE)
        outbox.sweep(now=friday + 72 * MINUTE)
        assert post.title in mail_to("mother").body

    def test_nothing_is_planned_for_what_was_mailed_before_it_was_hidden(self, cast: Cast, friday: datetime) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        (post,) = write(cast.teacher, [cast.groep_4], friday)
        outbox.sweep(now=friday + 11 * MINUTE)
        OutboxItem.objects.all().delete()
        by = Actor(cast.teacher, Hat.STAFF, friday)
        hide_written(written=post, by=by._replace(now=friday + 13 * MINUTE))
        show_written(written=post, by=by._replace(now=friday + 60 * MINUTE))
        hold_what_was_planned_at(friday + 61 * MINUTE)
        assert not letters("messages").exists()

    def test_another_group_is_not_mailed(self, cast: Cast, friday: datetime) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        write(cast.teacher_who_is_parent, [cast.groep_5], friday)
        assert not letters("messages").exists()


class TestWhatChangesBeforeItGoesOut:
    """Rows are written with a message; who is to hear of it, and of what kind it is, may be otherwise by then."""

    def goes(self, moment: datetime) -> set[str]:
        for minutes in (0, 1, 9):
            hold_what_was_planned_at(moment + minutes * MINUTE)
        outbox.sweep(now=moment + 12 * MINUTE)
        return receivers()

    @pytest.fixture
    def planned(self, cast: Cast, friday: datetime) -> Post:
        by = Actor(cast.teacher, Hat.STAFF, friday)
        words = {"topic": "update", "title": "Schort mee", "text": "Neem een schort mee.", "replies": "off"}
        [post] = publish_post(groups=[cast.groep_4], at=friday + 60 * MINUTE, by=by, **words)
        return post

    def asks(self, cast: Cast, post: Post, at: datetime) -> None:
        post.refresh_from_db()
        said = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
        asked = {"ask": "do", "ask_on": at.date() + timedelta(days=1)}
        edit_post(post=post, by=Actor(cast.teacher, Hat.STAFF, at), **said, **asked)

    @pytest.mark.parametrize("away", [timedelta(minutes=40), timedelta(hours=20)])
    def test_of_what_began_while_no_worker_was_there_is_heard_when_one_is(
        self, cast: Cast, friday: datetime, planned: Post, away: timedelta
    ) -> None:
        """Shown: after ten minutes without a worker who chose so since it was planned heard nothing."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        hold_what_was_planned_at(friday + 55 * MINUTE)
        assert self.goes(friday + 60 * MINUTE + away) == {"mother"}

    def test_who_chose_so_since_it_was_planned_hears_at_once(self, cast: Cast, friday: datetime, planned: Post) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        assert self.goes(friday + 60 * MINUTE) == {"mother"}
        assert letters("messages").count() == 1

    def test_what_came_to_ask_something_since_it_was_planned_is_mailed_as_that(
        self, cast: Cast, friday: datetime, planned: Post
    ) -> None:
        self.asks(cast, planned, friday + MINUTE)
        assert {"mother", "father"} <= self.goes(friday + 60 * MINUTE)

    def test_what_came_to_ask_something_since_it_was_placed_is_mailed_as_that(
        self, cast: Cast, friday: datetime, planned: Post
    ) -> None:
        assert self.goes(friday + 60 * MINUTE) == set()
        self.asks(cast, planned, friday + 120 * MINUTE)
        outbox.sweep(now=friday + 132 * MINUTE)
        assert {"mother", "father"} <= receivers()
        assert "Schort mee" in mail_to("mother").body

    def test_what_was_kept_back_and_shown_later_is_mailed_then(
        self, cast: Cast, friday: datetime, planned: Post
    ) -> None:
        """Its writer is told meanwhile what became of it, when that falls in the own working hours."""
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        directie = Actor(cast.directie, Hat.STAFF, friday + 2 * MINUTE)
        hide_written(written=planned, by=directie)
        assert self.goes(friday + 60 * MINUTE) - {"teacher"} == set()
        show_written(written=planned, by=directie._replace(now=friday + 180 * MINUTE))
        assert self.goes(friday + 180 * MINUTE) - {"teacher"} == {"mother"}

    def test_hidden_before_its_moment_counts_for_nothing_when_it_is_hidden_again(
        self, cast: Cast, friday: datetime, planned: Post
    ) -> None:
        choose_way(user=cast.mother, school=cast.linde, way=Way.MESSAGE, now=friday)
        by = Actor(cast.directie, Hat.STAFF, friday)
        for act, minutes in ((hide_written, 2), (show_written, 3), (hide_written, 62)):
            act(written=planned, by=by._replace(now=friday + minutes * MINUTE))
        assert self.goes(friday + 63 * MINUTE) - {"teacher"} == set()
        show_written(written=planned, by=by._replace(now=friday + 180 * MINUTE))
        assert self.goes(friday + 180 * MINUTE) - {"teacher"} == {"mother"}


class TestByHand:
    @pytest.fixture(autouse=True)
    def _just_after_the_cut(self, friday: datetime) -> Iterator[None]:
        with time_machine.travel(friday + 2 * MINUTE):
            yield

    def test_again_adds_only_who_was_not_there(self, cast: Cast, friday: datetime) -> None:
        write(cast.teacher, [cast.groep_4], friday - MINUTE)
        choose_way(user=cast.father, school=cast.linde, way=Way.NONE, now=friday)
        out = StringIO()
        call_command("send_digests", "--school", "99CA", "--dry-run", stdout=out)
        assert "4 readers, 4 mails still to write" in out.getvalue()
        assert not letters().exists()
        call_command("send_digests", "--school", "99CA", stdout=out)
        assert letters().count() == 4
        choose_way(user=cast.father, school=cast.linde, way=Way.WEEKLY, now=friday)
        call_command("send_digests", "--school", "99CA", stdout=out)
        call_command("send_digests", "--school", "99CA", stdout=out)
        assert len(mail.outbox) == letters().count() == 5
        assert "lost 0" in out.getvalue()

    def test_weeks_that_cannot_be_sent(self, cast: Cast, friday: datetime) -> None:
        write(cast.teacher, [cast.groep_4], friday - MINUTE)
        this = IsoWeek.of(friday.date())
        before, after = (str(IsoWeek.of((friday + timedelta(days=days)).date())) for days in (-7, 7))
        out = StringIO()
        call_command("send_digests", "--school", "99CA", "--week", after, stdout=out)
        assert "not closed yet" in out.getvalue()
        call_command("send_digests", "--school", "99CA", "--week", str(this), stdout=out)
        call_command("send_digests", "--school", "99CA", "--week", before, stdout=out)
        assert "a later newsletter has its messages" in out.getvalue()
        for wrong in (["--week", "2027-W53"], ["--school", "99XX"]):
            with pytest.raises(CommandError):
                call_command("send_digests", *wrong)


def test_a_chunk_costs_the_same_for_one_and_for_many(
    cast: Cast, friday: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    write(cast.teacher, [cast.groep_4], friday - MINUTE)
    users = [User.objects.create_user(f"q{number}@post.example", language="nl") for number in range(49)]
    editions.send_due_editions(now=friday + MINUTE)
    edition = DigestEdition.objects.get(school=cast.linde)
    for user in users:
        outbox.enqueue(
            "digest",
            recipient=user,
            subject_kind="edition",
            subject_uid=edition.uid,
            dedupe_key=f"x{user.pk}",
            now=friday,
        )
    rows = list(letters().select_related("recipient").order_by("pk"))
    for chunk in (rows[:1], rows[:1], rows[:50]):
        with django_assert_num_queries(16):
            answers = list(render_edition(chunk, friday + 2 * MINUTE))
            mails = [answer() for answer in answers if not isinstance(answer, Withheld)]
        assert isinstance(mails[0], Mail)
    assert (len(mails), len(answers)) == (5, 50)


def test_the_moment_of_a_school_is_not_the_servers(cast: Cast) -> None:
    """Friday 15.00 in Amsterdam, whatever the machine's own clock says."""
    assert Moment(5, 15).cut_in(IsoWeek.of(date(2026, 7, 3))).hour == 13
