"""Reporting: what one may see, once, to who handles it, and nobody else learns by whom (POL-60)."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.models import StaffAssignment, Telling
from groups.roles import Hat, Role
from groups.schools.services import change_school
from groups.staff.services.staff import appoint
from groups.told.domain.kinds import STAFF
from groups.told.services import answer
from messaging.models import Post, Reply, Thread
from messaging.posts.services.posts import edit_post, publish_post
from messaging.posts.services.replies import publish_reply
from messaging.writings.domain.text import CONTENT
from messaging.writings.services.written import edit_words
from moderation.cases.domain.letters import templates_for
from moderation.cases.domain.told import TOLD
from moderation.cases.services.cases import close_case, hide_reported, open_cases_of, reopen_case
from moderation.cases.services.letters import write_letter
from moderation.cases.services.looking import find_case, involved_in, reports_in, shown_in, words_in
from moderation.cases.services.measures import record_measure
from moderation.cases.services.news import handlers_of
from moderation.cases.services.notes import address_writer
from moderation.cases.services.reports import (
    NowhereSeenError,
    OwnWordsError,
    others_in,
    report_content,
    report_participant,
)
from moderation.cases.services.telling import answers_for, find_answered
from moderation.models import Case, Letter, Report
from portal.core import access, outbox, waiting
from portal.core.actor import Actor, clock
from portal.core.domain.moments import SCHOOL_ZONE, at_school
from portal.core.models import AuditEvent, OutboxItem
from portal.core.outbox.kinds import kind_of
from portal.core.paging import ON_A_PAGE
from tests import canaries, rows
from tests.cast import NAMES, OFTEN, Cast
from tests.messaging.pages import page_text
from tests.moderation.reporting import handlers, person_reported, photo_in, reported, visit
from tests.scene import Scene


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


KINDS = ["post", "reply", "said_by_teacher", "photo"]


def content(scene: Scene, which: str) -> Any:
    return photo_in(scene.post) if which == "photo" else getattr(scene, which)


@pytest.mark.parametrize("which", KINDS)
def test_several_reports_of_one_thing_are_one_case(cast: Cast, scene: Scene, which: str) -> None:
    thing = content(scene, which)
    others = ["father", "parent_of_two"] if which == "reply" else ["father", "mother"]
    first, second = (reported(cast, thing, by) for by in others)
    assert (first.case, Case.objects.count(), Report.objects.count()) == (second.case, 1, 2)
    assert list(open_cases_of(thing)) == [first.case]
    assert first.case.kind == {"said_by_teacher": "message"}.get(which, which)


def test_the_same_person_reports_once(cast: Cast, scene: Scene) -> None:
    assert reported(cast, scene.reply) == reported(cast, scene.reply, reason="privacy")
    assert Report.objects.get().reason == "hurtful"


def test_after_it_was_handled_a_new_report_is_a_new_case(cast: Cast, scene: Scene) -> None:
    first = reported(cast, scene.reply)
    close_case(case=first.case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert reported(cast, scene.reply).case != first.case


def test_the_database_refuses_a_second_open_case(cast: Cast, scene: Scene) -> None:
    for report in (reported(cast, scene.reply), person_reported(cast, scene.reply)):
        copy = Case.objects.get(pk=report.case.pk)
        copy.pk, copy.uid = None, None
        copy.uid = Case._meta.get_field("uid").get_default()
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)


@pytest.mark.parametrize("name", ["other_parent", "parent_elsewhere", "pupil", "operator", "directie_elsewhere"])
@pytest.mark.parametrize("which", KINDS)
def test_who_cannot_see_it_cannot_report_it(cast: Cast, scene: Scene, name: str, which: str) -> None:
    for hat in ("family", "staff"):
        with pytest.raises(PermissionDenied):
            report_content(
                content=content(scene, which), reason="hurtful", by=Actor(cast.user(name), hat, timezone.now())
            )
    assert not Case.objects.exists()


def test_nobody_reports_oneself(cast: Cast, scene: Scene) -> None:
    with pytest.raises(OwnWordsError):
        reported(cast, scene.reply, "mother")
    page = visit(cast, "mother").get(reverse("moderation:report", args=["family", "reactie", scene.reply.uid]))
    assert (page.status_code, "Your own words need no report." in page.content.decode()) == (403, True)


WHO = {
    "reply": {"teacher", "substitute", "directie"},
    "post": {"directie"},
    "post_groep_5": {"directie"},
    "post_whole_school": {"directie"},
    "said_by_mother": {"directie"},
    "said_by_teacher": {"directie"},
}


@pytest.mark.parametrize("which", WHO)
def test_who_handles_it(cast: Cast, scene: Scene, which: str) -> None:
    """What a parent wrote in a group goes to who moderates it too; what staff wrote, and conversations, do not."""
    by = {"post_groep_5": "other_parent", "said_by_mother": "teacher", "reply": "father"}.get(which, "father")
    case = reported(cast, content(scene, which), by).case
    assert handlers(cast, case) == WHO[which]
    assert {user.pk for user in handlers_of(case, now=timezone.now())} == {cast.user(n).pk for n in WHO[which]}


@pytest.mark.parametrize("where", ["groep_4", "whole_school", "groep_4 without a teacher"])
def test_a_teacher_is_offered_where_one_is_told(cast: Cast, where: str) -> None:
    """What a parent wrote to the whole school, or where no teacher moderates, the management alone reads."""
    now, has_teacher = timezone.now(), where == "groep_4"
    if "without" in where:
        StaffAssignment.objects.filter(group=cast.groep_4).update(valid_until=now)
        access.reproject(school=cast.linde)
    group = getattr(cast, where.partition(" ")[0])
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [post] = publish_post(groups=[group], by=Actor(cast.directie, "staff", now), **order)
    said = publish_reply(post=post, text="Echt niet.", by=Actor(cast.mother, "family", now))
    client, page = visit(cast, "father"), reverse("moderation:report", args=["family", "reactie", said.uid])
    assert ('value="teacher"' in client.get(page).content.decode()) == has_teacher
    client.post(page, {"reason": "hurtful", "words": "Dit doet pijn.", "to": "teacher"})
    assert Report.objects.get().to_teacher == has_teacher
    told = page_text(client.get(reverse("moderation:my_reports")))
    assert ("The teacher looks at it." in told) == has_teacher


def test_what_staff_wrote_no_colleague_handles_whoever_was_told(cast: Cast, scene: Scene) -> None:
    reported(cast, scene.reply)
    case = reported(cast, scene.post).case
    Report.objects.filter(case=case).update(to_teacher=True)
    access.reproject(school=cast.linde)
    assert handlers(cast, case) == {"directie"}


def test_told_to_the_directie_alone_no_teacher_finds_it(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply, to_teacher=False).case
    assert handlers(cast, case) == {"directie"}
    reported(cast, scene.reply, "parent_of_two")
    assert handlers(cast, case) == WHO["reply"]
    seen = {
        name: len(reports_in(case, actor=Actor(cast.user(name), Hat.ANY, timezone.now())))
        for name in ("teacher", "directie")
    }
    assert seen == {"teacher": 1, "directie": 2}


@pytest.mark.parametrize(("name", "hours", "words"), [("teacher", 3, "Goede vraag."), ("directie", 0, "Domme vraag.")])
def test_nothing_tells_a_teacher_when_the_directie_alone_was_told(
    cast: Cast, scene: Scene, name: str, hours: int, words: str
) -> None:
    """Nor what it said then: time, words and order are those of the first report that this reader reads."""
    now = timezone.now().replace(microsecond=0)
    mother = Actor(cast.mother, "family", now - timedelta(minutes=1))
    sooner, later = (publish_reply(post=scene.post, text="Domme vraag.", by=mother) for _ in range(2))
    case = reported(cast, sooner, now=now, to_teacher=False).case
    other = reported(cast, later, now=now + timedelta(hours=1)).case
    edit_words(written=sooner, version=1, text="Goede vraag.", by=mother)
    reported(cast, Reply.objects.get(pk=sooner.pk), "parent_of_two", now=now + timedelta(hours=3))
    edit_words(written=sooner, version=2, text="Dank u.", by=mother)
    told_at, order = now + timedelta(hours=hours), [case, other] if name == "directie" else [other, case]
    reader = Actor(cast.user(name), Hat.ANY, now + timedelta(hours=4))
    with time_machine.travel(reader.now, tick=False):
        client = visit(cast, name)
        page = client.get(reverse("moderation:case", args=[case.uid]))
        listed = client.get(reverse("moderation:cases")).context["lines"]
        file = client.post(reverse("moderation:person_file", args=[case.uid])).context["rows"]
    assert (page.context["case"].told_at, page.context["shown"].reported) == (told_at, words)
    shown = f'datetime="{now.astimezone(SCHOOL_ZONE).isoformat()}"'
    assert (shown in page.content.decode()) == (name == "directie")
    assert [line.uid for line in listed] == [one.uid for one, *_ in file] == [one.uid for one in order]
    assert {one: said for one, said, _done in file}[case] == words
    waits = [row for row in waiting.listed(reader).between(0, 50) if str(case.uid) in row.line.url]
    assert [row.since for row in waits] == [told_at]


@pytest.mark.parametrize("name", ["teacher", "directie"])
def test_a_teacher_reads_what_was_done_since_somebody_told_the_teacher(cast: Cast, scene: Scene, name: str) -> None:
    """Who leads the case reads all of it; what went outside the school nobody else does, whenever it went."""
    now, hour = timezone.now().replace(microsecond=0), timedelta(hours=1)
    case = reported(cast, scene.reply, now=now, to_teacher=False).case
    early, late = "van vroeg", "van laat"
    _everything_done(cast, case, early, at=now + hour)
    answer(_warned(case, early), text=f"Terug {early}", by=Actor(cast.mother, Hat.FAMILY, now + 2 * hour))
    reported(cast, scene.reply, "parent_of_two", now=now + 3 * hour)
    _everything_done(cast, case, late, at=now + 4 * hour)
    answer(_warned(case, late), text=f"Terug {late}", by=Actor(cast.mother, Hat.FAMILY, now + 5 * hour))
    reader = Actor(cast.user(name), Hat.ANY, now + 6 * hour)
    with time_machine.travel(reader.now, tick=False):
        client = visit(cast, name)
        page = client.get(reverse("moderation:case", args=[case.uid])).content.decode()
        file = client.post(reverse("moderation:person_file", args=[case.uid])).content.decode()
        letters = {
            part: client.get(reverse("moderation:letter", args=[Letter.objects.get(title=f"Brief {part}").uid]))
            for part in (early, late)
        }
    leads = name == "directie"
    assert {part: found.status_code == 200 for part, found in letters.items()} == {early: leads, late: True}
    for part, reads in ((early, leads), (late, True)):
        for shown in (page, file):
            assert {f"{what} {part}" in shown for what in ("Reden", "Brief", "Woord", "Verteld", "Terug")} == {reads}
        assert {f"Meldcode {part}" in shown for shown in (page, file)} == {leads}
        assert (find_answered(_warned(case, part).uid, actor=reader) is not None) == reads
        assert answers_for(reader).filter(telling=_warned(case, part)).exists() == reads
    moment = (now + hour).astimezone(SCHOOL_ZONE).isoformat()
    assert {moment in page, moment in file} == {leads}


@pytest.mark.parametrize("name", ["teacher", "directie"])
def test_a_teacher_reads_when_it_was_closed_since_somebody_told_the_teacher(
    cast: Cast, scene: Scene, name: str
) -> None:
    now, hour = timezone.now().replace(microsecond=0), timedelta(hours=1)
    case = reported(cast, scene.reply, now=now, to_teacher=False).case

    def by(hours: int) -> Actor:
        return Actor(cast.directie, Hat.ANY, now + hours * hour)

    close_case(case=case, by=by(1))
    reopen_case(case=case, by=by(2))
    reported(cast, scene.reply, "parent_of_two", now=now + 3 * hour)
    close_case(case=case, by=by(4))
    reopen_case(case=case, by=by(5))
    reader = Actor(cast.user(name), Hat.ANY, now + 6 * hour)
    found = find_case(case.uid, actor=reader)
    assert found
    turns = [(one.at, one.is_closing) for one in involved_in(found, actor=reader).turns]
    every = [(now + hours * hour, hours in {1, 4}) for hours in (1, 2, 4, 5)]
    assert turns == (every if name == "directie" else every[2:])


def _everything_done(cast: Cast, case: Case, words: str, *, at: datetime) -> None:
    """By the directie, at one moment: inside the school, outside, on paper and kindly."""
    by = Actor(cast.directie, Hat.ANY, at)
    done: dict[str, Any] = {"case": case, "by": by}
    record_measure(kind="code", words=f"Meldcode {words}", had_to=True, **done)
    record_measure(kind="warning", words=f"Reden {words}", told=f"Verteld {words}", heard=True, **done)
    write_letter(template=templates_for(case.side)[0].key, title=f"Brief {words}", text="Kom langs.", **done)
    address_writer(text=f"Woord {words}", **done)


def _warned(case: Case, words: str) -> Telling:
    return Telling.objects.get(case_uid=case.uid, words=f"Verteld {words}")


def test_the_directie_never_handles_the_own_case(cast: Cast, scene: Scene) -> None:
    """W8: what Dirk of the directie wrote goes to the case officer, and nobody of the school sees it."""
    now = timezone.now()
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", now), **order)
    case = reported(cast, post).case
    assert (case.against_directie, handlers(cast, case)) == (True, {"case_officer"})
    assert handlers(cast, person_reported(cast, post).case) == {"case_officer"}
    page = visit(cast, "case_officer").get(reverse("moderation:case", args=[case.uid])).content.decode()
    assert "to the board" in page
    assert "to the school management" not in page


def test_who_reported_the_directie_reads_how_to_reach_the_board(cast: Cast, scene: Scene) -> None:
    by = clock(timezone.now())
    change_school(school=cast.linde, by=by, phone="030 999 00 11", board_contact="bestuur@cast.example")
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", by.now), **order)
    said = []
    for name, content in (("mother", scene.post), ("father", post)):
        reported(cast, content, name)
        page = visit(cast, name).get(reverse("moderation:my_reports")).content.decode().partition("<main")[2]
        phrases = ("bestuur@cast.example", "030 999 00 11", "School is looking into it", "not the school management")
        said.append([words in page for words in phrases])
    assert said == [[False, True, True, False], [True, False, False, True]]


@pytest.mark.parametrize("of_directie", [True, False])
def test_what_the_board_does_is_said_to_be_of_the_board(cast: Cast, scene: Scene, of_directie: bool) -> None:
    """To who reported it, again and when it is closed; and to whom it is about, above every page."""
    by = clock(timezone.now())
    change_school(school=cast.linde, by=by, phone="030 999 00 11", board_contact="bestuur@cast.example")
    name, handler = ("directie", "case_officer") if of_directie else ("teacher", "directie")
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.user(name), "staff", by.now), **order)
    case = reported(cast, post, "father").case
    again = reverse("moderation:report", args=["family", "bericht", post.uid])
    at_board, at_school = "The board is looking into it.", "School is looking into it."
    father = visit(cast, "father")
    for answer_to in (father.get(again), father.post(again, {"reason": "privacy", "words": "En nog iets."})):
        page = answer_to.content.decode()
        assert (at_board in page, at_school in page) == (of_directie, not of_directie)
    close_case(case=case, by=Actor(cast.user(handler), Hat.ANY, by.now))
    page = father.get(reverse("moderation:my_reports")).content.decode()
    assert ("What the board did" in page, "What school did" in page) == (of_directie, not of_directie)
    reopen_case(case=case, by=Actor(cast.user(handler), Hat.ANY, by.now))
    today = timezone.localdate()
    for kind in ("limited", "suspended"):
        record_measure(case=case, kind=kind, words="Om.", told="Om.", heard=True, until=today,
                       by=Actor(cast.user(handler), Hat.ANY, timezone.now()))  # fmt: skip
        page = visit(cast, name).get(reverse("settings")).content.decode()
        assert ("A question? Call or mail the board:" in page, "Call the school." in page) == (
            of_directie,
            not of_directie,
        )
        assert ("bestuur@" in page) == of_directie


@pytest.mark.parametrize("of_directie", [True, False])
def test_whom_the_board_tells_something_answers_the_board(cast: Cast, scene: Scene, of_directie: bool) -> None:
    """The number of the own school is that of the directie herself; and at her school nobody reads what she answers."""
    by = clock(timezone.now())
    change_school(school=cast.linde, by=by, phone="030 999 00 11", board_contact="bestuur@cast.example")
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    name, handler = ("directie", "case_officer") if of_directie else ("teacher", "directie")
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.user(name), "staff", by.now), **order)
    hide_reported(case=reported(cast, post).case, told="Even wachten.", by=Actor(cast.user(handler), Hat.ANY, by.now))
    where = reverse("groups:telling", args=["staff", Telling.objects.latest("pk").uid])
    page = visit(cast, name).get(where).content.decode().partition("<main")[2]
    phrases = ("bestuur@cast.example", "030 999 00 11", "Send to the board", "Send to school", "School decides")
    assert [words in page for words in phrases] == [of_directie, not of_directie, of_directie, not of_directie, False]
    answered = visit(cast, name).post(where, {"text": "Ik bel."}, follow=True).content.decode()
    assert ("with the board" in answered, "at school." in answered) == (of_directie, not of_directie)


def test_who_reports_the_directie_where_the_board_appointed_nobody_reads_that(cast: Cast) -> None:
    """The report is kept, and handled once somebody is appointed; until then nobody gets it."""
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", timezone.now()), **order)
    client, page = visit(cast, "father"), reverse("moderation:my_reports")
    reported(cast, post)
    said = "nobody of the board is in Kring yet"
    assert said not in client.get(page).content.decode()
    StaffAssignment.objects.filter(role=Role.CASE_OFFICER).update(valid_until=timezone.now())
    access.reproject(school=cast.linde)
    told = client.get(page).content.decode()
    assert (said in told, "A mail comes when it is done." in told) == (True, False)


def test_the_own_reports_are_read_in_pages_to_the_oldest(cast: Cast) -> None:
    """A list that ended somewhere left out what a parent once reported, without a word."""
    by, order = (
        Actor(cast.teacher, "staff", timezone.now()),
        {"topic": "notice", "text": "Zo gaat het.", "replies": "on"},
    )
    for number in range(ON_A_PAGE + 1):
        reported(cast, publish_post(groups=[cast.groep_4], title=f"Let op {number}", by=by, **order)[0])
    client, page = visit(cast, "father"), reverse("moderation:my_reports")
    reports = list(Report.objects.made_by(cast.father).order_by("-reported_at", "-pk"))
    shown = [re.findall(r'id="melding-([0-9a-f-]+)"', client.get(page, {"pagina": n}).content.decode()) for n in (1, 2)]
    assert shown == [[str(one.uid) for one in reports[:ON_A_PAGE]], [str(one.uid) for one in reports[ON_A_PAGE:]]]


def test_what_a_colleague_reads_of_a_case_never_says_that_school_did_it(cast: Cast) -> None:
    """To the directie it is the board that did it, and a kind word is of another colleague."""
    words = [one for kind in TOLD.values() for one in kind if one]
    said = [one.to(STAFF) for one in words]
    assert not [one for one in said if re.match("School |.* (from|call) school", one)]
    assert [one for one in (words_to_parent.to(Hat.FAMILY) for words_to_parent in words) if one.startswith("School ")]


def test_a_teacher_never_handles_what_her_own_family_is_in(cast: Cast, scene: Scene) -> None:
    """W18: the mother of Jet moderates groep 4 too now; a case about Jet's other parent is not hers."""
    now = timezone.now()
    staff = cast.teacher_who_is_parent.staff_records.get()
    appoint(
        staff=staff, role="group_admin", school=cast.linde, group=cast.groep_4, by=Actor(cast.directie, Hat.ANY, now)
    )
    case = reported(cast, scene.reply).case
    assert "teacher_who_is_parent" in handlers(cast, case)
    own = publish_reply(post=scene.post, text="Jet ook.", by=Actor(cast.teacher_who_is_parent, "family", now))
    assert handlers(cast, reported(cast, own).case) == WHO["reply"]
    about_jet = reported(cast, scene.said_about_jet, "teacher").case
    assert handlers(cast, about_jet) == {"directie"}


def test_who_becomes_a_party_loses_the_case(cast: Cast, scene: Scene) -> None:
    """Dirk turns out to be a parent of Noor: what her mother wrote is no longer his."""
    case = reported(cast, scene.reply).case
    assert "directie" in handlers(cast, case)
    since = timezone.now() - timedelta(days=1)
    rows.caregiver(cast.linde, "Dirk", cast.child("Noor"), user=cast.directie, since=since)
    access.reproject(users=[cast.directie.pk])
    assert handlers(cast, case) == {"teacher", "substitute", "case_officer"}
    new = reported(cast, scene.reply_to_teacher, "teacher").case
    assert (new.against_directie, handlers(cast, new)) == (True, {"case_officer"})


def test_a_person_is_reported_to_the_directie(cast: Cast, scene: Scene) -> None:
    first, second = person_reported(cast, scene.reply), person_reported(cast, scene.reply, "parent_of_two")
    assert (first.case, first.case.kind) == (second.case, "person")
    assert handlers(cast, first.case) == {"directie"}


@pytest.mark.parametrize(("kind", "which"), [("bericht", "post"), ("reactie", "reply"), ("gesprek", "said_by_teacher")])
def test_what_stands_there_leads_to_one_page_and_that_to_its_writer_but_not_for_the_own(
    client: Client, cast: Cast, scene: Scene, kind: str, which: str
) -> None:
    written = getattr(scene, which)
    stands_in = {"bericht": scene.post, "reactie": scene.post, "gesprek": scene.said_by_teacher.thread}[kind]
    page = {Post: "post", Thread: "thread"}[type(stands_in)]
    for name in ("father", {"reactie": "mother"}.get(kind, "teacher")):
        user, hat = cast.user(name), "staff" if name == "teacher" else "family"
        client.force_login(user)
        shown = client.get(reverse(f"messaging:{page}", args=[hat, stands_in.uid])).content.decode()
        report, person = (
            reverse(f"moderation:{name}", args=[hat, kind, written.uid]) for name in ("report", "report_author")
        )
        assert (report in shown) is (user != written.author)
        assert (person in client.get(report).content.decode()) is (user != written.author)


def test_handlers_get_one_mail_with_a_link_only(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    OutboxItem.objects.all().delete()
    for by in ("father", "parent_of_two"):
        reported(cast, scene.reply, by)
    rows = OutboxItem.objects.filter(kind="case_opened").order_by("recipient")
    assert {row.recipient for row in rows} == {cast.teacher, cast.substitute, cast.directie}
    mails = _rendered(rows, now)
    case = Case.objects.get()
    for mail in mails:
        assert str(case.uid) in mail.text
        assert not any(word in mail.text + mail.html + mail.subject for word in ("Dit doet pijn", "Noor", "Mother"))
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    assert all(isinstance(mail, outbox.Withheld) for mail in _rendered(rows, now))


def _rendered(rows: Any, now: Any) -> list[Any]:
    return [mail for row in rows for mail in kind_of(row.kind).render([row], now)]


def test_who_reported_hears_that_it_was_handled_and_not_what(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    report = reported(cast, scene.reply)
    client = visit(cast, "father")
    before = client.get(reverse("moderation:my_reports")).content.decode()
    assert "School is looking into it" in before
    assert "The teacher and the school management look at it." in before
    close_case(case=report.case, by=Actor(cast.directie, Hat.ANY, now))
    [mail] = _rendered(OutboxItem.objects.filter(kind="report_handled", recipient=cast.father), now)
    assert reverse("moderation:my_reports") in mail.text
    after = client.get(reverse("moderation:my_reports")).content.decode()
    assert "Handled" in after
    assert "Dit doet pijn." not in visit(cast, "mother").get(reverse("moderation:my_reports")).content.decode()


@pytest.mark.parametrize("name", [name for name in OFTEN if name not in {"anonymous", "inactive"}])
def test_to_the_messages_leads_to_messages_for_whoever_is_told_so(cast: Cast, name: str) -> None:
    """The begin of who runs a school is the desk, and not what these words say."""
    client = visit(cast, name)
    page = client.get(reverse("moderation:my_reports"), headers={"accept-language": "en"}).content.decode()
    found = re.search(r'<a class="btn" href="([^"]+)">(To the messages|To the help page)</a>', page)
    assert found
    url, words = found.groups()
    feeds = {reverse("messaging:feed", args=[hat]) for hat in (Hat.FAMILY, Hat.STAFF)}
    assert url in (feeds if words == "To the messages" else {reverse("groups:help")})
    assert client.get(url).status_code == 200


def test_the_own_reports_ask_as_much_for_one_as_for_three(cast: Cast, scene: Scene) -> None:
    client, asked = visit(cast, "father"), []
    for content in (scene.reply, scene.post, photo_in(scene.post)):
        reported(cast, content)
        client.get(reverse("moderation:my_reports"))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("moderation:my_reports"))
        asked.append(len(found))
    assert asked == [asked[0]] * 3


def test_nobody_but_who_handles_it_learns_who_reported(cast: Cast, scene: Scene) -> None:
    report = reported(cast, scene.reply)
    events = AuditEvent.objects.filter(subject_uid=report.case.uid)
    assert [event.actor_uid for event in events] == [None]
    for name in NAMES:
        if cast.user(name).is_authenticated and name not in {*WHO["reply"], "inactive"}:
            response = visit(cast, name).get(reverse("moderation:case", args=[report.case.uid]))
            assert response.status_code == 404, name
    page = visit(cast, "teacher").get(reverse("moderation:case", args=[report.case.uid])).content.decode()
    assert "Father" in page


def test_a_double_click_is_one_report(cast: Cast, scene: Scene) -> None:
    client, url = visit(cast, "father"), reverse("moderation:report", args=["family", "reactie", scene.reply.uid])
    sent = [client.post(url, {"reason": "hurtful", "words": "", "to": "both"}) for _ in range(2)]
    assert [response.status_code for response in sent] == [302, 302]
    assert sent[0]["Location"] == sent[1]["Location"]
    assert Report.objects.count() == 1


def test_an_empty_form_comes_back_and_another_reason_needs_words(cast: Cast, scene: Scene) -> None:
    client, url = visit(cast, "father"), reverse("moderation:report", args=["family", "reactie", scene.reply.uid])
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"reason": "other", "to": "both"}).status_code == 422
    assert client.post(url, {"reason": "nonsense", "to": "everybody"}).status_code == 422
    page = client.post(url, {"reason": "other", "words": "Zo <b>vet</b>", "to": "directie"})
    assert page.status_code == 302
    assert Report.objects.get().words == "Zo <b>vet</b>"


def test_what_was_changed_after_the_report_is_still_read_as_it_stood(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    reply = publish_reply(post=scene.post, text="Wat een domme vraag.", by=Actor(cast.mother, "family", now))
    uid, directie = reported(cast, reply).case.uid, Actor(cast.directie, Hat.ANY, now)
    case = find_case(uid, actor=directie)
    assert case
    assert shown_in(case, actor=directie).reported == ""
    edit_words(written=reply, version=1, text="Goede vraag.", by=Actor(cast.mother, "family", now))
    case = find_case(uid, actor=directie)
    assert case
    assert shown_in(case, actor=directie).reported == "Wat een domme vraag."
    assert Reply.objects.get(pk=reply.pk).text == "Goede vraag."


def test_a_title_that_was_changed_after_the_report_is_still_read_too(cast: Cast, scene: Scene) -> None:
    now, post = timezone.now(), scene.post
    case, before = reported(cast, post).case, (post.title, post.text)
    words = {name: getattr(post, name) for name in CONTENT} | {"title": "Iets heel anders"}
    edit_post(post=post, version=post.version, **words, by=Actor(cast.teacher, "staff", now))
    case = find_case(case.uid, actor=Actor(cast.directie, Hat.ANY, now))
    assert case
    assert shown_in(case, actor=Actor(cast.directie, Hat.ANY, now)).reported == words_in(case) == "\n\n".join(before)


def test_of_a_conversation_only_that_one_message_is_read(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dirk is in no conversation; of the one message he sees its words and its photo, and nothing else."""
    case = reported(cast, scene.said_by_teacher).case
    client = visit(cast, "directie")
    monkeypatch.setitem(canaries.READERS, "talkboth", canaries.READERS["talkboth"] | {"directie"})
    page = client.get(reverse("moderation:case", args=[case.uid])).content.decode()
    assert scene.said_by_teacher.text in page
    assert "Dank u wel" not in page
    assert client.get(reverse("messaging:thread", args=["staff", scene.talk_both.uid])).status_code == 404
    assert client.get(reverse("moderation:case_photo", args=[case.uid, 1, 400])).status_code == 200
    assert client.get(reverse("moderation:case_photo", args=[case.uid, 2, 400])).status_code == 404
    assert client.get(reverse("moderation:case_photo", args=[case.uid, 1, 799])).status_code == 404


def test_somebody_in_a_conversation_is_reported_without_the_conversation(cast: Cast, scene: Scene) -> None:
    """Also who wrote nothing in it; never oneself, and never who is not in it."""
    now, thread = timezone.now(), scene.talk_both
    chairs = {one.user_id: one.uid for one in others_in(thread, actor=Actor(cast.mother, Hat.ANY, now))}
    assert set(chairs) == {cast.father.pk, cast.teacher.pk}
    why: dict[str, Any] = {"thread": thread, "reason": "hurtful"}
    made = report_participant(chair=chairs[cast.teacher.pk], by=Actor(cast.mother, "family", now), **why)
    assert (made.case.kind, made.case.about, made.case.side) == ("person", cast.teacher, "staff")
    assert (made.case.child, made.case.written, handlers(cast, made.case)) == (None, None, {"directie"})
    own = cast.caregiver("mother").uid
    for by, chair in [(cast.mother, own), (cast.mother, uuid4()), (cast.other_parent, chairs[cast.teacher.pk])]:
        with pytest.raises(PermissionDenied):
            report_participant(chair=chair, by=Actor(by, "family", now), **why)
    page = reverse("moderation:report_participant", args=["family", thread.uid])
    client = visit(cast, "mother")
    assert "Report somebody" in page_text(client.get(reverse("messaging:thread", args=["family", thread.uid])))
    asked = page_text(client.get(page))  # the directie in it handles the report
    assert "Whom it is about does not hear who reported it. Only who handles it sees that." in asked
    assert "Nobody in the conversation hears" not in asked
    sent = {"who": str(chairs[cast.father.pk]), "reason": "hurtful", "words": "Hij scheldt."}
    assert client.post(page, sent)["Location"].startswith(reverse("moderation:my_reports"))
    assert client.post(page, {**sent, "who": str(own)}).status_code == 422
    assert Report.objects.filter(reporter=cast.mother).count() == 2


def test_who_has_more_to_say_about_the_same_hears_that_nobody_reads_it_there(cast: Cast, scene: Scene) -> None:
    """The second report is the first; its words would be lost, so they stay in the box."""
    client, url = visit(cast, "father"), reverse("moderation:report_author", args=["family", "bericht", scene.post.uid])
    assert client.post(url, {"reason": "hurtful", "words": "In oktober."}).status_code == 302
    more = client.post(url, {"reason": "threatening", "words": "En nu weer."})
    page = more.content.decode()
    assert (more.status_code, "En nu weer." in page, Report.objects.get().words) == (422, True, "In oktober.")
    assert "This was reported already. School is looking into it. Is there more? Call the school." in page


@pytest.mark.parametrize(("first", "then"), [("directie", "both"), ("both", "directie"), ("teacher", "both")])
def test_who_reports_the_same_to_others_hears_that_it_went_to_the_first(
    cast: Cast, scene: Scene, first: str, then: str
) -> None:
    """From a second tab: the reporter thought that the teacher knew, or did not."""
    client = visit(cast, "father")
    url, why = (
        reverse("moderation:report", args=["family", "reactie", scene.reply.uid]),
        {"reason": "hurtful", "words": "Ach."},
    )
    assert (
        client.post(url, {**why, "to": first}).status_code == client.post(url, {**why, "to": first}).status_code == 302
    )
    other = client.post(url, {**why, "to": then})
    assert (other.status_code, "This was reported already." in page_text(other)) == (422, True)
    made = Report.objects.get(reporter=cast.father)
    assert (made.to_teacher, made.to_directie) == (first != "directie", first != "teacher")


def test_who_comes_back_to_report_the_same_finds_the_own_report(cast: Cast, scene: Scene) -> None:
    """As long as somebody looks into it; about the person beside the message, and for others, the form is open."""
    client, args = visit(cast, "father"), ["family", "bericht", scene.post.uid]
    case = reported(cast, scene.post).case
    page = client.get(reverse("moderation:report", args=args))
    assert f"{reverse('moderation:my_reports')}#melding-{page.context['before'].uid}" in page.content.decode()
    assert "<textarea" not in page.content.decode()
    assert "<textarea" in client.get(reverse("moderation:report_author", args=args)).content.decode()
    assert "<textarea" in visit(cast, "mother").get(reverse("moderation:report", args=args)).content.decode()
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert "<textarea" in client.get(reverse("moderation:report", args=args)).content.decode()


def test_what_arrived_is_not_kept_in_the_browser_any_more(cast: Cast, scene: Scene) -> None:
    """Or the same words stand in the next form of this thing, as if they had not been sent."""
    client = visit(cast, "father")
    for name, args in {
        "report": ["family", "bericht", scene.post.uid],
        "report_photo": ["family", "bericht", scene.post.uid, 1],
        "report_author": ["family", "bericht", scene.post.uid],
    }.items():
        assert arrived(client, f"moderation:{name}", *args, reason="hurtful", words="Om."), name
    teacher, substitute = visit(cast, "teacher"), visit(cast, "substitute")
    case = reported(cast, scene.reply).case
    assert arrived(teacher, "moderation:case", case.uid, choice="keep", speaks="on", kind_word="Dag!")
    assert arrived(substitute, "moderation:address", "staff", "bericht", scene.post.uid, text="Dag!")
    directie = visit(cast, "directie")
    assert arrived(directie, "moderation:measure", case.uid, kind="note", words="Om.")
    assert arrived(directie, "moderation:new_letter", case.uid, query="?brief=waarschuwing", title="T", text="X")


def arrived(client: Client, name: str, *args: Any, query: str = "", **sent: str) -> bool:
    """Whether the page after sending says that what this form kept has arrived."""
    url = reverse(name, args=args) + query
    [key] = re.findall(r'data-keep="([^"]+)"', client.get(url).content.decode())
    answer = client.post(url, {**sent, "kept": key}, follow=True)
    return f'<meta name="kring-kept" content="{key}">' in answer.content.decode()


TODAY = at_school(timezone.now())
SATURDAY = (TODAY + timedelta(days=(5 - TODAY.weekday()) % 7 or 7)).replace(hour=21, minute=0, second=0, microsecond=0)
MONDAY = SATURDAY.replace(hour=8) + timedelta(days=2)


def due_of(case: Case, cast: Cast, name: str = "directie") -> list[Any]:
    rows = OutboxItem.objects.filter(kind="case_opened", subject_uid=case.uid, recipient=cast.user(name))
    return [at_school(moment) for moment in rows.order_by("due_at").values_list("due_at", flat=True)]


@pytest.mark.parametrize(
    ("reason", "due"),
    [("hurtful", MONDAY), ("photo", MONDAY), ("danger", SATURDAY), ("threatening", SATURDAY), ("sexual", SATURDAY)],
)
def test_a_report_reaches_staff_in_their_hours_unless_it_cannot_wait(
    cast: Cast, scene: Scene, reason: str, due: Any
) -> None:
    """POL-27: what waited for Monday was mailed on Saturday night."""
    case = reported(cast, scene.reply, reason=reason, now=SATURDAY).case
    assert due_of(case, cast) == [due]


def test_a_second_report_that_cannot_wait_does_not_wait_for_the_first(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply, now=SATURDAY).case
    reported(cast, scene.reply, "parent_of_two", reason="danger", now=SATURDAY + timedelta(minutes=5))
    assert due_of(case, cast) == [SATURDAY + timedelta(minutes=5), MONDAY]


@pytest.mark.parametrize("first", ["alone", "told"])
def test_no_hour_of_a_mail_tells_a_teacher_that_the_directie_alone_was_told_of_danger(
    cast: Cast, scene: Scene, first: str
) -> None:
    """What is mild waits for the working hours of who was told only that."""
    alone, told = {"reason": "danger", "to_teacher": False}, {"reason": "hurtful", "by": "parent_of_two"}
    case = reported(cast, scene.reply, now=SATURDAY, **(alone if first == "alone" else told)).case
    soon = SATURDAY + timedelta(minutes=1)
    reported(cast, scene.reply, now=soon, **(told if first == "alone" else alone))
    assert due_of(case, cast, "teacher") == [MONDAY]
    assert min(due_of(case, cast)) == (SATURDAY if first == "alone" else soon)


@pytest.mark.parametrize(
    ("name", "kind", "which", "asks"),
    [
        ("mother", "bericht", "post", "/thuis/gesprekken/nieuw/?kind="),
        ("mother", "gesprek", "said_by_teacher", "/thuis/gesprek"),
        ("father", "reactie", "reply", ""),
        ("colleague", "bericht", "post_whole_school", ""),
    ],
)
def test_a_parent_can_ask_the_teacher_who_wrote_it(
    cast: Cast, scene: Scene, name: str, kind: str, which: str, asks: str
) -> None:
    """POL-60: what a teacher wrote cannot be told to that teacher by a report; asking is offered first."""
    hat = "staff" if name == "colleague" else "family"
    page = reverse("moderation:report", args=[hat, kind, getattr(scene, which).uid])
    found = re.findall(r'href="([^"]*)">(?:Ask|Vraag het) ', visit(cast, name).get(page).content.decode())
    assert ([link.startswith(asks) for link in found], bool(found)) == ([True] * len(found), bool(asks))


@pytest.mark.parametrize("which", ["post", "photo"])
def test_what_was_spread_outside_kring_is_reported_with_where_it_was_seen(cast: Cast, scene: Scene, which: str) -> None:
    """POL-32: a text or a photo; who handles it reads where, and that the writer may be somebody else."""
    content = photo_in(scene.post) if which == "photo" else scene.post
    with pytest.raises(NowhereSeenError):
        reported(cast, content, reason="spread")
    report = reported(cast, content, reason="spread", seen_where="In een groepsapp, op dinsdag.")
    html = visit(cast, "directie").get(reverse("moderation:case", args=[report.case.uid])).content.decode()
    assert "Seen: In een groepsapp, op dinsdag." in html
    assert "Somebody else may have spread it." in html
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(seen_where="")


def test_the_form_asks_where_only_of_what_was_spread(cast: Cast, scene: Scene) -> None:
    page = reverse("moderation:report", args=["family", "bericht", scene.post.uid])
    father = visit(cast, "father")
    assert list(father.post(page, {"reason": "spread"}).context["form"].errors) == ["seen_where"]
    assert father.post(page, {"reason": "hurtful", "seen_where": "Elders."}).status_code == 302
    assert Report.objects.get().seen_where == ""
