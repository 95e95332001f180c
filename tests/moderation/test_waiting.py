"""The one desk: what waits, for whom, in which order; the list, its count and the badge are one number."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from groups.models import Caregiver, CouncilSeat, Group, Guardianship, Level, School, SchoolYear, Telling
from groups.people.services.guardianships import decide_guardianship
from groups.roles import Hat
from groups.roster.domain.years import archive_end, year_end, year_name
from groups.roster.models import RosterUpload
from groups.staff.services.staff import seat_council_member
from messaging.models import Handin, Thread, Writing
from messaging.removing.services.removal import remove_written
from messaging.talks.services.threads import mark_messages_read
from messaging.talks.services.threads_steering import close_thread, freeze_thread, join_directie, reopen_thread
from messaging.writings.services.written import hide_written, show_written
from moderation.access_requests.services.access_requests import draw_up
from moderation.cases.waiting import AWAY_FOR
from moderation.desk.views.desk import number_in_words, since_words
from moderation.leaving.services.deciding import confirm, propose
from moderation.models import AccessRequest, Case, Destruction
from portal.core import waiting
from portal.core.actor import Actor
from portal.core.models import OutboxItem, OutboxState, User
from tests.cast import NAMES, Cast
from tests.moderation.asking import start, submit
from tests.moderation.reporting import person_reported, reported, visit
from tests.scene import Scene

pytestmark = pytest.mark.engines("sqlite")

LINDE, BERK = {"directie"}, {"directie_elsewhere"}


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def queue(name: str) -> waiting.Queue:
    return next(one for one in waiting.queues() if one.name == name)


def holders(cast: Cast, name: str, **of: Any) -> set[str]:
    """For whom of the cast such a row waits; whoever has one is asked about this queue."""
    now = timezone.now()
    actors = {one: Actor(cast.user(one), Hat.ANY, now) for one in NAMES if one != "anonymous"}
    found = {one for one, actor in actors.items() if queue(name).rows(actor).filter(**of).exists()}
    assert found <= {one for one, actor in actors.items() if name in waiting._asked(actor)}
    return found


def desk_of(cast: Cast, name: str) -> list[waiting.Waiting]:
    return waiting.listed(Actor(cast.user(name), Hat.ANY, timezone.now()))[0:100]


def refuse(user: User | None, school: School, **more: Any) -> OutboxItem:
    now = timezone.now()
    facts = {"state": OutboxState.FAILED, "settled_at": now - timedelta(hours=1), **more}
    key = f"test:{OutboxItem.objects.count()}"
    return OutboxItem.objects.create(
        kind="message",
        recipient=user,
        subject_kind="post",
        subject_uid=school.uid,
        school_uid=school.uid,
        dedupe_key=key,
        due_at=now,
        **facts,
    )


def uploaded(cast: Cast, state: str, **more: Any) -> RosterUpload:
    facts = {"uploaded_at": timezone.now(), **more}
    return RosterUpload.objects.create(school=cast.linde, uploaded_by=cast.directie, state=state, **facts)


def test_the_queues_are_these() -> None:
    names = ["access_requests", "admissions", "answers", "away", "cases", "conversations", "councils", "departures"]
    names += ["destructions", "drafts", "essential", "mail", "new_year", "overview", "photos", "roster"]
    assert [one.name for one in waiting.queues()] == names


def test_who_wants_to_come_in_waits_for_the_directie_of_that_school(cast: Cast) -> None:
    row = Guardianship.objects.get(level=Level.UNVERIFIED, caregiver__email="waiting@cast.example")
    assert holders(cast, "admissions", pk=row.pk) == LINDE
    decide_guardianship(
        guardianship=row,
        level=Level.WITHOUT_AUTHORITY,
        evidence="Gezien.",
        by=Actor(cast.directie, "staff", timezone.now()),
    )
    assert holders(cast, "admissions", pk=row.pk) == set()


def test_about_the_own_family_somebody_else_decides(cast: Cast) -> None:
    row = Guardianship.objects.get(level=Level.UNVERIFIED, caregiver__email="waiting@cast.example")
    type(row.caregiver).objects.filter(pk=row.caregiver_id).update(user=cast.directie, joined_at=timezone.now())
    assert holders(cast, "admissions", pk=row.pk) == set()


def test_whom_an_answer_waits_for_is_asked_where_somebody_wrote_one(cast: Cast) -> None:
    """That question is the dearest of the desk, and on most days nobody wrote back."""
    telling = Telling.objects.create(
        school=cast.linde, to=cast.mother, hat=Hat.FAMILY, kind="hidden", told_by=cast.directie, told_at=timezone.now()
    )

    def asks() -> bool:
        with CaptureQueriesContext(connection) as asked:
            desk_of(cast, "directie")
        return any("w_rank" in one["sql"] and "groups_tellinganswer" in one["sql"] for one in asked)

    assert not asks()
    written = telling.answers.create(text="Dank u.", written_at=timezone.now())
    assert asks()
    written.seen_at = timezone.now()
    written.save()
    assert not asks()


def test_a_draft_waits_for_who_judges_it(cast: Cast, scene: Scene) -> None:
    assert holders(cast, "drafts", pk=scene.draft_of_council.pk) == LINDE
    assert holders(cast, "drafts", pk=scene.draft_of_teacher.pk) == LINDE
    Handin.objects.filter(pk=scene.draft_of_council.pk).update(kind="school", council=None)
    assert holders(cast, "drafts", pk=scene.draft_of_council.pk) == {*LINDE, "editor"}
    Handin.objects.filter(pk=scene.draft_of_council.pk).update(state="returned")
    assert holders(cast, "drafts", pk=scene.draft_of_council.pk) == set()


def test_what_waits_says_of_which_school_it_is(cast: Cast, scene: Scene) -> None:
    """Two schools have a groep 4 each, and each its whole school."""
    by, groups = Actor(cast.directie, Hat.STAFF, timezone.now()), [cast.groep_4]
    assert {row.line.school for row in desk_of(cast, "directie")} == {cast.linde.name}
    assert [line.school for line in queue("photos").lines(groups, by).values()] == [cast.linde.name]


def test_a_conversation_asks_for_the_directie_until_it_was_read(cast: Cast, scene: Scene) -> None:
    assert holders(cast, "conversations", pk=scene.talk_directie.pk) == LINDE
    others = Thread.objects.exclude(pk=scene.talk_directie.pk)
    assert holders(cast, "conversations", pk__in=others) == set()
    mark_messages_read(by=Actor(cast.directie, Hat.STAFF, timezone.now()), uids=[scene.said_to_directie.uid])
    assert holders(cast, "conversations", pk=scene.talk_directie.pk) == set()


def test_a_frozen_conversation_waits_for_the_directie_until_it_is_opened_or_closed(cast: Cast, scene: Scene) -> None:
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    mark_messages_read(by=by, uids=[scene.said_to_directie.uid])
    freeze_thread(thread=scene.talk_directie, by=by)
    assert holders(cast, "conversations", pk=scene.talk_directie.pk) == LINDE
    with translation.override("nl"):
        [row] = [one for one in desk_of(cast, "directie") if str(scene.talk_directie.uid) in one.line.url]
        assert (str(row.line.act), row.since) == ("Beslis", pytest.approx(by.now, abs=timedelta(seconds=1)))
    reopen_thread(thread=scene.talk_directie, by=by)
    assert holders(cast, "conversations", pk=scene.talk_directie.pk) == set()
    freeze_thread(thread=scene.talk_directie, by=by)
    close_thread(thread=scene.talk_directie, word="Wij spraken elkaar op school.", by=by)
    assert holders(cast, "conversations", pk=scene.talk_directie.pk) == set()


def test_a_case_waits_for_who_handles_it_and_danger_comes_first(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply).case
    assert holders(cast, "cases", pk=case.pk) == {"teacher", "substitute", "directie"}
    dangerous = reported(cast, scene.post, reason="danger").case
    first = desk_of(cast, "directie")[0]
    assert (first.is_danger, first.line.url) == (True, reverse("moderation:case", args=[dangerous.uid]))
    assert [row.is_danger for row in desk_of(cast, "directie")[1:]] == [False] * (len(desk_of(cast, "directie")) - 1)
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=timezone.now(), closed_by=cast.directie)
    assert holders(cast, "cases", pk=case.pk) == set()


def test_an_access_request_waits_for_whose_turn_it_is(cast: Cast, scene: Scene) -> None:
    asked = start(person_reported(cast, scene.reply).case, cast.directie)
    assert holders(cast, "access_requests", pk=asked.pk) == LINDE
    submit(draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, timezone.now())), cast.directie)
    assert holders(cast, "access_requests", pk=asked.pk) == {"case_officer"}
    AccessRequest.objects.filter(pk=asked.pk).update(state="approved")
    assert holders(cast, "access_requests", pk=asked.pk) == LINDE


def test_a_school_that_wants_to_leave_waits_for_the_second_person(cast: Cast) -> None:
    proposed = propose(
        school=cast.linde,
        leaves_on=timezone.localdate() + timedelta(days=60),
        words="Wij stoppen.",
        by=Actor(cast.directie, Hat.STAFF, timezone.now()),
    )
    assert holders(cast, "departures", pk=proposed.pk) == {"case_officer"}
    [row] = [one for one in desk_of(cast, "case_officer") if "Kring" in one.line.what]
    assert row.line.url == f"{reverse('moderation:departure')}?school={cast.linde.uid}"
    confirm(departure=proposed, by=Actor(cast.case_officer, Hat.STAFF, timezone.now()))
    assert holders(cast, "departures", pk=proposed.pk) == set()


def test_a_copy_to_destroy_waits_for_the_second_person(cast: Cast, scene: Scene) -> None:
    entry = remove_written(written=scene.reply, reason="Kwetsend.", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    proposed = Destruction.objects.create(
        school=cast.linde, entry=entry, proposed_by=cast.directie, proposed_at=timezone.now()
    )
    assert holders(cast, "destructions", pk=proposed.pk) == {"case_officer"}
    url = reverse("moderation:destruction", args=[proposed.uid])
    [row] = [one for one in desk_of(cast, "case_officer") if one.line.url == url]
    assert str(entry.number) in row.line.what
    assert url in visit(cast, "case_officer").get(reverse("moderation:dossier")).content.decode()
    assert url not in visit(cast, "directie").get(reverse("moderation:dossier")).content.decode()
    Destruction.objects.update(proposed_by=cast.case_officer)
    assert holders(cast, "destructions", pk=proposed.pk) == LINDE


def test_refused_mail_waits_for_who_keeps_the_details_of_the_school(cast: Cast) -> None:
    refused = refuse(cast.mother, cast.linde)
    assert holders(cast, "mail", uid=cast.linde.uid) == {*LINDE, "ict"}
    assert holders(cast, "mail", uid=cast.berk.uid) == set()
    with translation.override("en"):
        [line] = [row.line for row in desk_of(cast, "ict")]
    assert (line.what, line.school) == ("E-mail does not reach 1 person", cast.linde.name)
    refuse(cast.mother, cast.linde, state=OutboxState.ACCEPTED, settled_at=timezone.now())
    assert holders(cast, "mail") == set()
    OutboxItem.objects.filter(state=OutboxState.ACCEPTED).delete()
    OutboxItem.objects.filter(pk=refused.pk).update(settled_at=timezone.now() - timedelta(days=15))
    assert holders(cast, "mail") == set()


def test_who_is_not_in_counts_by_the_address_in_the_roster_and_an_address_of_before_does_not(cast: Cast) -> None:
    """The mail that somebody came in goes to the address of before too, which may be gone for years."""
    refuse(None, cast.linde, address="van.vroeger@example.nl")
    assert holders(cast, "mail") == set()
    Caregiver.objects.filter(pk=cast.caregiver("future_parent").pk).update(
        user=None, joined_at=None, email="typfout@example.nl"
    )
    refuse(None, cast.linde, address="typfout@example.nl")
    with translation.override("en"):
        [line] = [row.line for row in desk_of(cast, "ict")]
    assert line.what == "E-mail does not reach 1 person"


@pytest.mark.parametrize("why", ["too late to be of use", "not made: KeyError"])
def test_what_went_wrong_here_is_no_wrong_address(cast: Cast, why: str) -> None:
    refuse(cast.mother, cast.linde, last_error=why)
    assert holders(cast, "mail") == set()


@pytest.mark.parametrize(
    ("state", "waits"), [("planned", True), ("refused", True), ("failed", True), ("waiting", False), ("applied", False)]
)
def test_a_roster_waits_that_was_read_or_went_wrong(cast: Cast, state: str, waits: bool) -> None:
    files = [{"name": "leerlingen.xlsx", "key": ""}]
    row = uploaded(cast, state, uploaded_at=timezone.now() - timedelta(hours=1), files=files)
    assert holders(cast, "roster", pk=row.pk) == (LINDE if waits else set())
    assert ("leerlingen.xlsx" in visit(cast, "directie").get(reverse("desk:index")).content.decode()) == waits
    uploaded(cast, "applied")
    assert holders(cast, "roster", pk=row.pk) == (LINDE if state == "planned" else set())


def ring_of(year: SchoolYear, key: str, cast: Cast) -> Group:
    """The group of this key in `year` at De Linde: the one that is there, or the one that a roster makes."""
    was = Group.objects.get(school=cast.linde, school_year=cast.mr.school_year, roster_key=key)
    facts = {one: getattr(was, one) for one in ("kind", "name", "label", "colour", "shape")}
    return Group.objects.get_or_create(school=cast.linde, school_year=year, roster_key=key, defaults=facts)[0]


def year_after(year: SchoolYear) -> SchoolYear:
    first = year.ends_at.year
    facts = {"starts_at": year.ends_at, "ends_at": year_end(first), "archive_until": archive_end(first)}
    return SchoolYear.objects.get_or_create(name=year_name(first), defaults=facts)[0]


def test_the_roster_of_a_new_year_is_asked_for_before_the_old_one_is_over_and_until_it_is_there(cast: Cast) -> None:
    year = cast.mr.school_year
    Group.objects.filter(school=cast.linde, school_year__starts_at__gte=year.ends_at).update(school_year=year)
    asked = year.ends_at - timedelta(weeks=4)

    def waits(at: datetime) -> list[str]:
        with translation.override("en"):
            rows = waiting.listed(Actor(cast.directie, Hat.ANY, at))[0:100]
        return [row.line.what for row in rows if "is not there yet" in row.line.what]

    words = [f"The roster of {year_name(year.ends_at.year)} is not there yet"]
    second = timedelta(seconds=1)
    assert [waits(at) for at in (asked - second, asked, year.ends_at - second, year.ends_at)] == [
        [],
        words,
        words,
        words,
    ]
    of_another_school = Actor(cast.user("directie_elsewhere"), Hat.ANY, year.ends_at)
    assert not queue("new_year").rows(of_another_school).filter(pk=cast.linde.pk).exists()
    ring_of(year_after(year), "@school", cast)
    assert waits(year.ends_at) == []


def test_an_empty_council_of_a_new_year_waits_until_somebody_sits_in_it(cast: Cast) -> None:
    """Seats end with the year: a council that nobody was in before is not asked for, nor a seat that was ended."""
    year = cast.mr.school_year
    before, other = ring_of(year, "@mr", cast), ring_of(year, "@or", cast)
    council, _ = ring_of(year_after(year), "@mr", cast), ring_of(year_after(year), "@or", cast)
    begun, mother = Actor(cast.directie, Hat.ANY, year.ends_at), cast.caregiver("mother")
    CouncilSeat.objects.filter(group__school=cast.linde).delete()
    now = timezone.now()
    CouncilSeat.objects.create(group=before, caregiver=mother, valid_from=now - timedelta(days=1))
    CouncilSeat.objects.create(group=other, caregiver=mother, valid_from=now - timedelta(days=1), valid_until=now)
    assert list(queue("councils").rows(Actor(cast.directie, Hat.ANY, now))) == []
    assert list(queue("councils").rows(begun)) == [council]
    assert not queue("councils").rows(Actor(cast.user("directie_elsewhere"), Hat.ANY, year.ends_at)).exists()
    [line] = [row.line for row in waiting.listed(begun)[0:100] if reverse("groups:council") in row.line.url]
    assert council.name in line.what
    archive_closes = Actor(cast.directie, Hat.ANY, year.archive_until)
    assert not queue("councils").rows(archive_closes).exists()
    seat_council_member(group=council, caregiver=mother, by=begun)
    assert not queue("councils").rows(begun).exists()
    Guardianship.objects.filter(caregiver=mother).update(valid_until=begun.now)
    assert list(queue("councils").rows(begun)) == [council], "who left sits nowhere"


def test_who_directs_two_schools_reads_of_which_each_thing_is(cast: Cast, scene: Scene) -> None:
    """What stands at a groep, or waits to come in, too: both schools have a groep 4."""
    start(person_reported(cast, scene.reply).case, cast.directie)
    reported(cast, scene.post)
    hide_written(written=scene.post_groep_5, by=Actor(cast.directie, Hat.STAFF, timezone.now() - timedelta(days=9)))
    join_directie(thread=scene.talk_both, by=Actor(cast.teacher, Hat.STAFF, timezone.now()))
    rows = [row for row in waiting.listed(Actor(cast.directie, Hat.ANY, timezone.now()))[0:100] if row.line.school]
    kinds = {"key-round", "eye-off", "flag", "messages-square"}
    assert {row.icon: row.line.school for row in rows if row.icon in kinds} == dict.fromkeys(kinds, cast.linde.name)


def filled(cast: Cast, scene: Scene) -> None:
    """Something in every queue of the directie but the photos."""
    start(person_reported(cast, scene.reply).case, cast.directie)
    reported(cast, scene.post, reason="danger")
    refuse(cast.mother, cast.linde)
    uploaded(cast, "planned", uploaded_at=timezone.now() - timedelta(days=2))


def test_first_danger_then_a_term_then_the_oldest(cast: Cast, scene: Scene) -> None:
    filled(cast, scene)
    rows = desk_of(cast, "directie")
    assert [row.is_danger for row in rows[:2]] == [True, False]
    assert [row.due_on is not None for row in rows[:3]] == [False, True, False]
    rest = [row.since for row in rows[2:] if row.since]
    assert rest == sorted(rest)


def test_the_badge_is_the_number_of_rows_for_everybody(cast: Cast, scene: Scene) -> None:
    filled(cast, scene)
    counts = {}
    for name in NAMES:
        if name not in {"anonymous", "inactive"}:
            actor = Actor(cast.user(name), Hat.ANY, timezone.now())
            counts[name] = waiting.count(actor)
            assert counts[name] == len(waiting.listed(actor)[0:100]), name
    assert {name for name in ("directie", "case_officer", "ict", "mother") if counts[name]} == {"directie", "ict"}
    assert counts["directie"] > counts["ict"] == 1


def test_the_page_tells_that_number_in_its_head_and_in_the_menu(cast: Cast, scene: Scene) -> None:
    filled(cast, scene)
    count = waiting.count(Actor(cast.directie, Hat.ANY, timezone.now()))
    page = visit(cast, "directie").get(reverse("desk:index"), headers={"accept-language": "en"}).content.decode()
    assert page.count('<li class="row">') == count
    assert f'<b class="num" aria-hidden="true">{count}</b>' in page
    assert f"{number_in_words(count)} things wait for you." in page
    other = visit(cast, "directie").get(reverse("messaging:feed", args=["staff"])).content.decode()
    assert f'<b class="num" aria-hidden="true">{count}</b>' in other


def test_nothing_waits(cast: Cast) -> None:
    page = visit(cast, "case_officer").get(reverse("desk:index"), headers={"accept-language": "en"}).content.decode()
    assert "Nothing waits for you." in page
    assert '<path class="no"' not in page
    assert '<b class="num"' not in page


@pytest.mark.parametrize("name", ["directie", "ict", "case_officer"])
def test_who_runs_a_school_begins_at_the_desk(cast: Cast, name: str) -> None:
    answer = visit(cast, name).get(reverse("home"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:index"))


@pytest.mark.parametrize(("name", "begins"), [("editor", "staff"), ("teacher", "staff"), ("mother", "family")])
def test_everybody_else_begins_with_the_messages(cast: Cast, name: str, begins: str) -> None:
    assert visit(cast, name).get(reverse("home"))["Location"] == reverse("messaging:feed", args=[begins])


def asked(client: Any, url: str) -> int:
    """Of two more visits the one that asks less: what is kept for a minute may end in between."""
    client.get(url)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    return min(counts)


def test_more_rows_ask_no_more_questions(cast: Cast, scene: Scene) -> None:
    filled(cast, scene)
    client, url = visit(cast, "directie"), reverse("desk:index")
    before = asked(client, url)
    for number in range(20):
        uploaded(cast, "planned", uploaded_at=timezone.now() - timedelta(days=number + 2))
    assert asked(client, url) == before
    assert asked(client, url) <= 16


def test_what_is_read_of_a_row_says_all_that_its_line_tells(cast: Cast, scene: Scene) -> None:
    """As the whole row would, and no line asks for a column that did not come along."""
    filled(cast, scene)
    now = timezone.now()
    hide_written(written=scene.reply, by=Actor(cast.directie, Hat.STAFF, now - AWAY_FOR - timedelta(days=1)))
    facts = {"school": cast.linde, "to": cast.mother, "hat": Hat.FAMILY, "kind": "hidden"}
    told = Telling.objects.create(**facts, told_by=cast.directie, told_at=now)
    told.answers.create(text="Dank u.", written_at=now)
    actor = Actor(cast.directie, Hat.ANY, now)
    with CaptureQueriesContext(connection) as asked:
        lines = {row.line for row in waiting.listed(actor)[0:100]}
    assert not any("LIMIT 21" in one["sql"] for one in asked)
    rows = {one: list(one.rows(actor)) for one in waiting.queues()}
    assert lines == {line for one, whole in rows.items() if whole for line in one.lines(whole, actor).values()}
    filled_now = {"access_requests", "admissions", "answers", "away", "cases", "conversations", "drafts", "mail"}
    assert {one.name for one, whole in rows.items() if whole} >= filled_now


def test_the_badge_is_one_question(cast: Cast, scene: Scene) -> None:
    filled(cast, scene)
    actor = Actor(cast.directie, Hat.ANY, timezone.now())
    waiting.count(actor)
    with CaptureQueriesContext(connection) as queries:
        waiting.count(actor)
    assert len(queries) == 1


def test_the_page_of_the_desk_counts_once_what_waits(cast: Cast, scene: Scene) -> None:
    """Also where nothing is remembered, as without Redis: its badge is the number of the list."""
    filled(cast, scene)
    client, url = visit(cast, "directie"), reverse("desk:index")
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    of_every_queue = [one["sql"] for one in queries if "UNION" in one["sql"] and "moderation_case" in one["sql"]]
    assert ["w_rank" in sql for sql in of_every_queue] == [True]


def test_the_badge_remembers_for_a_moment_what_the_desk_said(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others do is seen a minute later, what one does oneself at once, and the desk itself is never behind."""
    monkeypatch.setattr(waiting, "REMEMBERED", 60)
    actor = Actor(cast.directie, Hat.ANY, timezone.now())
    client, feed = visit(cast, "directie"), reverse("messaging:feed", args=["staff"])

    def badge() -> int:
        return int(re.findall(r'<b class="num" aria-hidden="true">(\d+)</b>', client.get(feed).content.decode())[0])

    try:
        client.get(reverse("desk:index"))
        before = waiting.lately(actor)
        assert before == waiting.count(actor)
        uploaded(cast, "planned", uploaded_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert (waiting.lately(actor), badge()) == (before, before)
        assert not any("groups_rosterupload" in query["sql"] for query in queries)
        client.get(reverse("desk:index"))
        assert badge() == before + 1
        uploaded(cast, "planned", uploaded_at=timezone.now())
        assert badge() == before + 1
        client.post(reverse("messaging:seen"))
        assert badge() == before + 2
    finally:
        waiting.forget(actor)


def test_a_long_list_has_pages(cast: Cast) -> None:
    for number in range(35):
        uploaded(cast, "planned", uploaded_at=timezone.now() - timedelta(days=number))
    client, url = visit(cast, "directie"), reverse("desk:index")
    pages = [client.get(url, {"pagina": number}).content.decode().count('<li class="row">') for number in (1, 2)]
    assert sum(pages) == waiting.count(Actor(cast.directie, Hat.ANY, timezone.now()))
    assert pages[0] == 30


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today 10:00"), (1, "yesterday 10:00"), (2, "2 days"), (112, "112 days")]
)
def test_since_when_in_words(days: int, words: str) -> None:
    now = timezone.make_aware(timezone.datetime(2026, 11, 21, 10))
    with translation.override("en"):
        assert since_words(now - timedelta(days=days), now) == words


def test_a_day_that_is_gone_is_told(cast: Cast, scene: Scene) -> None:
    asked = start(person_reported(cast, scene.reply).case, cast.directie)
    AccessRequest.objects.filter(pk=asked.pk).update(due_on=date(2020, 1, 31))
    page = visit(cast, "directie").get(reverse("desk:index"), headers={"accept-language": "en"}).content.decode()
    assert "Too late: due on 31 January 2020" in page


def test_what_is_away_for_now_comes_back_to_the_desk(cast: Cast, scene: Scene) -> None:
    """For who took it away and the directie, after five days, unless a case is open or it is one's own."""
    Writing.objects.filter(state="hidden").update(hidden_at=timezone.now())
    hide_written(written=scene.reply, by=Actor(cast.teacher, Hat.STAFF, timezone.now()))
    assert holders(cast, "away") == set()
    Writing.objects.filter(pk=scene.reply.pk).update(hidden_at=timezone.now() - AWAY_FOR)
    assert holders(cast, "away", pk=scene.reply.pk) == {"teacher", *LINDE}
    [line] = [row.line for row in desk_of(cast, "teacher") if "#reactie-" in row.line.url]
    page, reply = reverse("messaging:post", args=["staff", scene.reply.post.uid]), scene.reply.uid
    assert line.url == f"{page}?reactie={reply}#reactie-{reply}"
    Writing.objects.filter(pk=scene.reply.pk).update(author=cast.directie)
    assert holders(cast, "away") == {"teacher"}
    Writing.objects.filter(pk=scene.reply.pk).update(author=cast.mother, hidden_by=cast.directie)
    assert holders(cast, "away") == LINDE
    Case.objects.filter(pk=reported(cast, scene.post).case.pk).update(writing=scene.reply.pk)
    assert holders(cast, "away") == set()
    Case.objects.update(state="closed", closed_at=timezone.now(), closed_by=cast.directie)
    assert holders(cast, "away") == LINDE
    show_written(written=scene.reply, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert holders(cast, "away") == set()
