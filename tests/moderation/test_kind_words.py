"""A kind word of parent to parent about a reply (POL-66): by name, once, in the school's words; else not at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Guardianship, Level
from groups.people.services.guardianships import end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.models import Reply
from messaging.removing.services.removal import remove_written
from messaging.writings.services.written import edit_words, hide_written
from moderation.access_requests.services.access_requests import ask_access, draw_up
from moderation.kind_words.domain import STARTER
from moderation.kind_words.policies import can_say
from moderation.kind_words.querysets import KEPT_FOR
from moderation.kind_words.services.words import (
    close_words,
    forget_words,
    say_kindly,
    set_kind_words,
    take_words,
    words_to,
)
from moderation.models import ParentWord
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem
from tests import rows
from tests.cast import SIGN_IN, Cast
from tests.scene import Scene

SECOND = timedelta(seconds=1)


def as_family(cast: Cast, name: str, at=None) -> Actor:
    return Actor(cast.user(name), Hat.FAMILY, at or timezone.now())


def client_of(cast: Cast, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.user(name), backend=SIGN_IN)
    return client


@pytest.fixture
def wanted(cast: Cast, scene: Scene) -> Scene:
    """The school switched it on; the mother of Noor replied in groep 4."""
    switch(cast, is_on=True)
    return scene


def switch(cast: Cast, *, is_on: bool) -> None:
    set_kind_words(school=cast.linde, is_on=is_on, phrases=STARTER, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def may(cast: Cast, reply: Reply, name: str = "parent_of_two", hat: str = Hat.FAMILY) -> bool:
    return can_say(Actor(cast.user(name), hat, timezone.now()), Reply.objects.get(pk=reply.pk))


def said(cast: Cast, reply: Reply, name: str = "parent_of_two", at=None, phrase: str = STARTER[0]) -> ParentWord:
    return say_kindly(reply=Reply.objects.get(pk=reply.pk), phrase=phrase, by=as_family(cast, name, at))


def test_it_is_off_until_the_school_wants_it(cast: Cast, scene: Scene) -> None:
    assert not may(cast, scene.reply)
    switch(cast, is_on=True)
    assert may(cast, scene.reply)
    switch(cast, is_on=False)
    assert not may(cast, scene.reply)
    with pytest.raises(PermissionDenied):
        said(cast, scene.reply)
    with pytest.raises(PermissionDenied):
        set_kind_words(school=cast.linde, is_on=True, phrases=STARTER, by=as_family(cast, "teacher"))


def test_it_is_said_once_by_name_in_the_words_of_the_school(cast: Cast, wanted: Scene) -> None:
    OutboxItem.objects.all().delete()
    with pytest.raises(PermissionDenied):
        said(cast, wanted.reply, phrase="Hou je mond.")
    word = said(cast, wanted.reply)
    name = cast.caregiver("parent_of_two").full_name
    assert (word.text, word.author_name, word.to) == (STARTER[0], name, cast.mother)
    assert [may(cast, wanted.reply, name) for name in ("parent_of_two", "teacher_who_is_parent")] == [False, False]
    with pytest.raises(PermissionDenied):
        said(cast, wanted.reply, "teacher_who_is_parent")
    outbox.sweep(now=timezone.now())
    [sent] = mail.outbox
    assert sent.to == [cast.mother.email]
    assert not any(secret in sent.body for secret in (word.text, word.author_name))
    event = AuditEvent.objects.get(verb="parent_word.said")
    assert (event.subject_uid, event.facts) == (word.uid, {})


def test_the_reply_can_be_changed_for_a_day_then(cast: Cast, wanted: Scene) -> None:
    late = timezone.now() + timedelta(hours=1)
    said(cast, wanted.reply, at=late)
    current = Reply.objects.get(pk=wanted.reply.pk)
    by = as_family(cast, "mother", late + timedelta(hours=23))
    assert edit_words(written=current, version=current.version, text="Dank u wel!", by=by).text == "Dank u wel!"


@pytest.mark.parametrize(
    ("name", "hat"),
    [
        ("mother", Hat.FAMILY),
        ("father", Hat.FAMILY),
        ("admitted_reader", Hat.FAMILY),
        ("other_parent", Hat.FAMILY),
        ("teacher", Hat.STAFF),
        ("directie", Hat.STAFF),
        ("teacher_who_is_parent", Hat.STAFF),
    ],
)
def test_nobody_else_says_it(cast: Cast, wanted: Scene, name: str, hat: str) -> None:
    """Not the writer, nor the other parent or reader of that child, nor who does not read it, nor staff."""
    assert (may(cast, wanted.reply, name, hat), may(cast, wanted.reply, "teacher_who_is_parent")) == (False, True)


def test_it_is_about_what_the_whole_group_reads(cast: Cast, wanted: Scene) -> None:
    assert not may(cast, wanted.reply_to_teacher)
    assert not may(cast, wanted.reply_hidden, "mother")
    hide_written(written=wanted.reply, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert not may(cast, wanted.reply)


def test_there_is_nothing_to_say_about_what_was_removed(cast: Cast, wanted: Scene) -> None:
    removed = Reply.objects.get(pk=wanted.reply.pk)
    remove_written(written=removed, reason="Niet vriendelijk.", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert not may(cast, wanted.reply)


def test_it_is_never_about_what_somebody_wrote_as_staff(cast: Cast, wanted: Scene) -> None:
    mine = Reply.objects.filter(pk=wanted.reply.pk)
    mine.update(author=cast.teacher_who_is_parent)
    assert may(cast, wanted.reply)
    mine.update(hat=Hat.STAFF)
    assert not may(cast, wanted.reply)


def test_a_bond_over_one_child_keeps_them_apart_also_when_it_ended(cast: Cast, wanted: Scene) -> None:
    bond = rows.guardianship(cast.caregiver("parent_of_two"), cast.child("Noor"), Level.WITHOUT_AUTHORITY)
    Guardianship.objects.filter(pk=bond.pk).update(valid_until=timezone.now() - timedelta(days=1))
    assert not may(cast, wanted.reply)


@pytest.mark.parametrize("child", ["Noor", "Lot"])
def test_no_word_passes_where_a_contact_ban_stands(cast: Cast, wanted: Scene, child: str) -> None:
    """Around a child of who wrote, and around one of who would say it."""
    banned = rows.caregiver(cast.linde, "Ronald", cast.child(child), level=Level.CONTACT_BAN)
    assert not may(cast, wanted.reply)
    Guardianship.objects.filter(caregiver=banned).update(valid_until=timezone.now() - SECOND)
    assert may(cast, wanted.reply)


@pytest.mark.parametrize("child", ["Noor", "Lot"])
def test_no_word_passes_where_a_shield_stands(cast: Cast, wanted: Scene, child: str) -> None:
    shield_child(child=cast.child(child), reason="Geheim adres.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert not may(cast, wanted.reply)


def test_a_word_that_is_there_is_read_no_more_once_they_are_kept_apart(cast: Cast, wanted: Scene) -> None:
    word = said(cast, wanted.reply)
    assert words_to(as_family(cast, "mother")) == [word]
    rows.caregiver(cast.linde, "Ronald", cast.child("Noor"), level=Level.CONTACT_BAN)
    assert words_to(as_family(cast, "mother")) == []


def test_who_is_kept_apart_of_one_reads_the_other_and_more_words_ask_no_more(
    cast: Cast, wanted: Scene, django_assert_num_queries
) -> None:
    first, reader = said(cast, wanted.reply), as_family(cast, "mother")
    with CaptureQueriesContext(connection) as of_one:
        assert words_to(reader) == [first]
    second = ParentWord.objects.create(
        school=cast.linde,
        reply_id=wanted.reply.post_id,
        to=cast.mother,
        said_by=cast.user("teacher_who_is_parent"),
        author_name="Nadia",
        text=STARTER[0],
        said_at=timezone.now(),
    )
    reader = as_family(cast, "mother")
    with django_assert_num_queries(len(of_one)):
        assert words_to(reader) == [second, first]
    rows.guardianship(cast.caregiver("parent_of_two"), cast.child("Noor"), Level.WITHOUT_AUTHORITY)
    assert words_to(reader) == [second]


def test_who_reads_only_says_nothing_and_who_was_shut_out_hears_nothing(cast: Cast, wanted: Scene) -> None:
    until = timezone.now() + timedelta(days=2)
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    restrict_person(person=cast.parent_of_two, school=cast.linde, kind="limited", until=until, case_uid=uuid4(), by=by)
    assert not may(cast, wanted.reply)
    assert may(cast, wanted.reply, "teacher_who_is_parent")
    restrict_person(person=cast.mother, school=cast.linde, kind="suspended", until=until, case_uid=uuid4(), by=by)
    assert not may(cast, wanted.reply, "teacher_who_is_parent")


def test_no_mail_leaves_once_the_school_switched_it_off(cast: Cast, wanted: Scene) -> None:
    said(cast, wanted.reply)
    OutboxItem.objects.exclude(kind="parent_word").delete()
    switch(cast, is_on=False)
    mail.outbox.clear()
    outbox.sweep(now=timezone.now() + SECOND)
    assert mail.outbox == []
    assert OutboxItem.objects.get().state == "withheld"


def test_who_left_the_school_reads_no_name_of_another_parent(cast: Cast, wanted: Scene) -> None:
    said(cast, wanted.reply)
    assert words_to(as_family(cast, "mother"))
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    for row in cast.caregiver("mother").guardianships.all():
        end_guardianship(guardianship=row, by=by)
    assert words_to(as_family(cast, "mother", timezone.now() + SECOND)) == []


def test_its_reader_closes_it_and_opens_it_again(cast: Cast, wanted: Scene) -> None:
    said(cast, wanted.reply)
    mother = client_of(cast, "mother")
    assert STARTER[0] in mother.get("/instellingen/vriendelijk/").content.decode()
    mother.post("/instellingen/vriendelijk/", {"act": "close"})
    close_words(by=as_family(cast, "mother"))
    assert STARTER[0] not in mother.get("/instellingen/vriendelijk/").content.decode()
    ParentWord.objects.all().delete()
    assert not may(cast, wanted.reply)
    mother.post("/instellingen/vriendelijk/", {"act": "take"})
    take_words(by=as_family(cast, "mother"))
    assert may(cast, wanted.reply)


def test_it_is_read_by_its_reader_alone_and_gone_after_thirty_days(cast: Cast, wanted: Scene) -> None:
    word = said(cast, wanted.reply)
    readers = [name for name in ("mother", "father", "parent_of_two", "directie") if words_to(as_family(cast, name))]
    assert readers == ["mother"]
    at = word.said_at + KEPT_FOR
    assert [len(words_to(as_family(cast, "mother", now))) for now in (at - SECOND, at)] == [1, 0]
    assert [forget_words(now=now) for now in (at - SECOND, at, at)] == [0, 1, 0]


def test_it_is_offered_where_something_is_wrong_and_nowhere_else(cast: Cast, wanted: Scene) -> None:
    link, report = f"/thuis/vriendelijk/{wanted.reply.uid}/", f"/thuis/melden/reactie/{wanted.reply.uid}/"
    offered = [link in client_of(cast, name).get(report).content.decode() for name in ("parent_of_two", "father")]
    assert offered == [True, False]
    client = client_of(cast, "parent_of_two")
    assert client.post(link, {"phrase": "iets anders"}).status_code == 422
    assert client.post(link, {"phrase": STARTER[1]}).url.endswith(f"#reactie-{wanted.reply.uid}")
    assert [client_of(cast, name).get(link).status_code for name in ("parent_of_two", "father", "other_parent")] == [
        403,
        403,
        404,
    ]
    assert link not in client.get(report).content.decode()


def test_the_directie_switches_it_on_and_writes_the_sentences(cast: Cast, scene: Scene, settings) -> None:
    settings.KRING_SECOND_FACTOR = False
    client, url = client_of(cast, "directie"), "/school/afspraken/vriendelijk/"
    assert "Misschien bedoelde u het niet zo." in client.get(url).content.decode()
    for phrases in ("", "\n".join("abcdefg"), "x" * 201):
        assert client.post(url, {"is_on": "on", "phrases": phrases}).status_code == 422
    assert client.post(url, {"is_on": "on", "phrases": " Even  lezen? \n\nEven lezen?"}).status_code == 302
    offered = client_of(cast, "parent_of_two").get(f"/thuis/vriendelijk/{scene.reply.uid}/")
    assert [value for value, _ in offered.context["form"].fields["phrase"].choices] == ["Even lezen?"]
    assert AuditEvent.objects.get(verb="kind_words.set").facts == {"on": True, "phrases": 1}


def copied(cast: Cast, name: str) -> list[tuple[str, str]]:
    """The kind words in the copy of an access request of this person: heading and line."""
    asked = ask_access(school=cast.linde, by=as_family(cast, name))
    drawn = draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    return [(one.title, one.text) for one in drawn.passages.order_by("position") if "vriendelijk woord" in one.title]


def test_the_copy_of_each_has_the_own_side_alone(cast: Cast, wanted: Scene) -> None:
    word = said(cast, wanted.reply)
    [(sent, text)] = copied(cast, "parent_of_two")
    [(got, same)] = copied(cast, "mother")
    assert ("verstuurd" in sent, "van een andere ouder" in got) == (True, True)
    assert (text, same) == (STARTER[0], STARTER[0])
    assert [name for name in (word.author_name, wanted.reply.author_name) if name in sent + got] == []
    assert copied(cast, "father") == []


def test_what_may_not_pass_any_more_is_in_the_copy_of_its_sender_alone(cast: Cast, wanted: Scene) -> None:
    said(cast, wanted.reply)
    shield_child(child=cast.child("Noor"), reason="Geheim.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert (copied(cast, "mother"), len(copied(cast, "parent_of_two"))) == ([], 1)


def test_a_word_of_a_month_ago_is_in_no_copy(cast: Cast, wanted: Scene) -> None:
    said(cast, wanted.reply, at=timezone.now())
    ParentWord.objects.update(said_at=timezone.now() - KEPT_FOR)
    assert (copied(cast, "mother"), copied(cast, "parent_of_two")) == ([], [])
