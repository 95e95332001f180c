"""Handling a case: hide, speak, measure, write, close; by who handles it and nobody who is a party (POL-61, 63, 65)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.models import Caregiver, Group, Restriction, School, StaffAssignment, StaffMember, Telling
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat, Role
from groups.staff.services.staff import end_assignment
from messaging.models import Post, Reply
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import retract_written
from messaging.writings.policies import can_hide, can_show
from messaging.writings.services.written import hide_written
from moderation.cases.domain.letters import Template, templates, templates_for
from moderation.cases.policies import can_handle, can_lead, measures_for
from moderation.cases.services.cases import (
    CaseClosedError,
    OpenAlreadyError,
    close_case,
    hide_reported,
    reopen_case,
    show_reported,
)
from moderation.cases.services.letters import write_letter
from moderation.cases.services.looking import children_told, shown_in
from moderation.cases.services.measures import (
    InternalFirstError,
    NoDayError,
    NoLetterNumberError,
    NoOtherWayError,
    NotConsultedError,
    Silencing,
    record_measure,
    restore_access,
    restrictions_of,
)
from moderation.cases.services.notes import address_colleague, address_writer
from moderation.models import Case, KindNote, Letter, Measure, MeasureKind
from portal.core import access, outbox
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import DossierEntry, OutboxItem, User
from portal.core.outbox.kinds import kind_of
from portal.core.templatetags.kring import stamp
from tests import canaries
from tests.cast import NAMES, SIGN_IN, Cast
from tests.moderation.reporting import handlers, person_reported, photo_in, reported, visit
from tests.moderation.test_dossier_pages import come_in
from tests.permissions.test_one_rule import happens
from tests.scene import Scene

PEOPLE = [name for name in NAMES if name != "anonymous"]


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def case(cast: Cast, scene: Scene) -> Case:
    """The father of Noor doubts what her mother replied in groep 4."""
    return reported(cast, scene.reply).case


def measure(case: Case, by: Any, kind: str = "warning", **more: Any) -> Measure:
    facts = {"words": "Besproken.", "told": "Zo gaan we niet met elkaar om.", "heard": True, **more}
    return record_measure(case=case, kind=kind, by=Actor(by, Hat.ANY, timezone.now()), **facts)


def everything(case: Case, by: Any) -> dict[str, Callable[[], Any]]:
    """Every act on a case by somebody, each by its service."""
    now = timezone.now()
    who = {"case": case, "by": Actor(by, Hat.ANY, now)}
    letter = {"template": templates_for(case.side)[0].key, "title": "Brief", "text": "Tekst"}
    return {
        "close": lambda: close_case(**who),
        "reopen": lambda: reopen_case(**who),
        "note": lambda: measure(case, by, "note"),
        "talk": lambda: measure(case, by, "talk", consulted=True),
        "address": lambda: address_writer(**who, text="Dag!"),
        "warning": lambda: measure(case, by),
        "police": lambda: measure(case, by, "police", why_outside="Dreiging."),
        "inspector": lambda: measure(case, by, "inspector", why_outside="Ernstig."),
        "letter": lambda: write_letter(**who, **letter),
        "restore": lambda: restore_access(**who),
        "limited": lambda: measure(case, by, "limited", until=at_school(now).date()),
        "suspended": lambda: measure(case, by, "suspended", until=at_school(now).date()),
    }


LEADING = {"warning", "police", "inspector", "letter", "restore", "limited", "suspended"}


def test_each_case_is_listed_under_what_it_is_about(cast: Cast, scene: Scene) -> None:
    about = {name: reported(cast, getattr(scene, name)).case for name in ("post", "reply")}
    about |= {"photo": reported(cast, photo_in(scene.post)).case, "person": person_reported(cast, scene.reply).case}
    listed = {case.pk: (case.about_kind, case.kind) for case in Case.objects.with_about_kind()}
    assert listed == {case.pk: (name, name) for name, case in about.items() if case}


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_do_what_with_a_case(cast: Cast, scene: Scene, name: str) -> None:
    """List = policy = refusal: for a case about a parent, one about a teacher and one about the directie itself."""
    now, user = timezone.now(), cast.user(name)
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [own] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", now), **order)
    about = {"reply": scene.reply, "post": scene.post, "directie": own}
    handling = {"reply": {"teacher", "substitute", "directie"}, "post": {"directie"}, "directie": {"case_officer"}}
    leading = {"reply": {"directie"}, "post": {"directie"}, "directie": {"case_officer"}}
    for which, written in about.items():
        case = reported(cast, written).case
        listed = Case.objects.visible_to(Actor(user, Hat.ANY, now)).filter(pk=case.pk).exists()
        assert listed == can_handle(Actor(user, Hat.ANY, now), case) == (name in handling[which]), which
        assert can_lead(Actor(user, Hat.ANY, now), case) == (name in leading[which])
        for act, do in everything(case, user).items():
            allowed = leading if act in LEADING else handling
            assert happens(do) == (name in allowed[which]), (which, act)
        hides = type(written).objects.hideable_by(Actor(user, "staff", now)).filter(pk=written.pk).exists()
        assert happens(lambda c=case: hide_reported(case=c, by=Actor(user, Hat.ANY, now))) == (listed and hides)


def test_nobody_acts_in_the_own_case(cast: Cast, scene: Scene) -> None:
    """W8, by every route: the writer, who moderates the group herself, gets 404 and changes nothing."""
    case = reported(cast, scene.post).case
    client = visit(cast, "teacher")
    routes = ["case", "reopen", "restore", "measure", "new_letter"]
    for route in [*routes, "person_file"]:
        url = reverse(f"moderation:{route}", args=[case.uid])
        assert (client.get(url).status_code, client.post(url).status_code) in {(404, 404), (405, 404), (404, 405)}, (
            route
        )
    assert Case.objects.get(pk=case.pk).is_open
    assert not Measure.objects.exists()


def test_who_wrote_it_does_not_show_it_again(cast: Cast, scene: Scene) -> None:
    """W8: the directie hid what the teacher posted; she moderates the group, and leaves it hidden."""
    now, case = timezone.now(), reported(cast, scene.post).case
    hide_reported(case=case, by=Actor(cast.directie, Hat.ANY, now))
    post = Post.objects.get(pk=scene.post.pk)
    assert (post.state, can_hide(Actor(cast.teacher, "staff", now), post)) == ("hidden", False)
    assert not can_show(Actor(cast.substitute, "staff", now), post)
    show_reported(case=case, by=Actor(cast.directie, Hat.ANY, now))
    hide_written(written=post, by=Actor(cast.teacher, Hat.STAFF, now))
    assert can_hide(Actor(cast.teacher, "staff", now), Post.objects.get(pk=post.pk))


def test_hidden_meanwhile_parents_do_not_read_it(cast: Cast, scene: Scene, case: Case) -> None:
    client, now = visit(cast, "teacher"), timezone.now()
    page = reverse("moderation:case", args=[case.uid])
    client.post(page, {"choice": "hide", "told": "Dit klinkt onaardig."})
    assert not Reply.objects.visible_to(Actor(cast.father, Hat.ANY, now)).filter(pk=scene.reply.pk).exists()
    queue = reverse("moderation:cases")
    assert [line.is_hidden for line in client.get(queue).context["lines"]] == [True]
    client.post(page, {"choice": "show"})
    assert Reply.objects.visible_to(Actor(cast.father, Hat.ANY, now)).filter(pk=scene.reply.pk).exists()
    assert [line.is_hidden for line in client.get(queue).context["lines"]] == [False]


def test_closing_and_opening_again(cast: Cast, scene: Scene, case: Case) -> None:
    now = timezone.now()
    OutboxItem.objects.filter(kind="report_handled").delete()
    for _ in range(2):
        close_case(case=case, by=Actor(cast.teacher, Hat.ANY, now))
    assert OutboxItem.objects.filter(kind="report_handled").count() == 1
    for act in (
        lambda: hide_reported(case=case, by=Actor(cast.teacher, Hat.ANY, now)),
        lambda: measure(case, cast.directie),
    ):
        with pytest.raises(CaseClosedError):
            act()
    reopen_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    [row] = OutboxItem.objects.filter(kind="report_handled")
    [mail] = kind_of(row.kind).render([row], now)
    assert isinstance(mail, outbox.Withheld)
    close_case(case=case, by=Actor(cast.teacher, Hat.ANY, now))
    assert OutboxItem.objects.filter(kind="report_handled").count() == 2
    other = reported(cast, scene.reply, "parent_of_two").case
    with pytest.raises(OpenAlreadyError) as found:
        reopen_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    assert found.value.case == other


def test_a_case_that_cannot_be_opened_again_leads_to_the_one_that_is_open(cast: Cast, scene: Scene, case: Case) -> None:
    """Who does not handle that one goes to the list."""
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    other = reported(cast, scene.reply, "parent_of_two", to_teacher=False).case
    reopen = reverse("moderation:reopen", args=[case.uid])
    led = {name: visit(cast, name).post(reopen)["Location"] for name in ("directie", "teacher")}
    assert led == {
        "directie": reverse("moderation:case", args=[other.uid]),
        "teacher": reverse("moderation:cases"),
    }


def test_internal_measures_come_first(cast: Cast, case: Case) -> None:
    for kind in ("police", "inspector"):
        with pytest.raises(InternalFirstError):
            measure(case, cast.directie, kind)
    measure(case, cast.directie, "note")
    with pytest.raises(InternalFirstError):
        measure(case, cast.directie, "inspector")
    measure(case, cast.directie, "talk")
    assert measure(case, cast.directie, "inspector").why_outside == ""


@pytest.mark.parametrize("kind", ["inspector", "code", "police"])
def test_only_the_first_step_outside_asks_why_nothing_was_done_inside(cast: Cast, case: Case, kind: str) -> None:
    with pytest.raises(InternalFirstError):
        measure(case, cast.directie, kind)
    assert measure(case, cast.directie, kind, why_outside="Ernstig.").why_outside == "Ernstig."
    assert measure(case, cast.directie, "police").why_outside == ""


@pytest.mark.parametrize("kind", ["inspector", "code", "police"])
def test_where_there_is_danger_or_a_duty_nobody_asks_why(cast: Cast, scene: Scene, case: Case, kind: str) -> None:
    made = measure(case, cast.directie, kind, had_to=True, why_outside="Overbodig.")
    assert (made.had_to, made.why_outside) == (True, "")
    danger = reported(cast, scene.reply_to_teacher, "teacher", reason="danger").case
    assert not measure(danger, cast.directie, kind).had_to


def test_of_the_board_there_is_the_number_of_its_letter_and_nothing_else(cast: Cast, scene: Scene, case: Case) -> None:
    """Of staff and of pupils each their own; Kring tells nobody, and it counts as something done inside."""
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    of_staff = reported(cast, scene.post).case
    pupil, staff = {"pupil_out", "pupil_gone"}, {"reprimand", "off_duty", "dismissal"}
    assert pupil == set(measures_for(by, case)) & (pupil | staff)
    assert staff == set(measures_for(by, of_staff)) & (pupil | staff)
    for one, kinds in ((case, pupil), (of_staff, staff)):
        for kind in sorted(kinds):
            with pytest.raises(NoLetterNumberError):
                measure(one, cast.directie, kind)
            made = measure(one, cast.directie, kind, letter_number="2026-114")
            assert (made.letter_number, made.words, made.until) == ("2026-114", "", None)
    assert not Telling.objects.filter(case_uid__in=[case.uid, of_staff.uid]).exists()
    assert measure(case, cast.directie, "police").why_outside == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.create(case=case, kind="warning", letter_number="1", decided_by=by.user, decided_at=by.now)


def test_who_may_not_write_about_the_own_child_reads_why_and_how_else(cast: Cast, scene: Scene, case: Case) -> None:
    mother, now = visit(cast, "mother"), timezone.now()
    today = at_school(now).date()
    way = Silencing(
        today + timedelta(days=2), "U schreef juf Anna twintig keer op een avond.", "Bel Petra om 8.00 uur."
    )
    for part in ({"last_day": None}, {"why": ""}, {"other_way": ""}):
        with pytest.raises(NoOtherWayError):
            measure(case, cast.directie, "suspended", until=today + timedelta(days=9), silencing=way._replace(**part))
    of_staff = reported(cast, scene.post).case
    with pytest.raises(PermissionDenied):
        measure(of_staff, cast.directie, "limited", until=today, silencing=way)
    assert not Restriction.objects.exists()
    measure(case, cast.directie, "suspended", until=today + timedelta(days=9), silencing=way)
    page = reverse("messaging:thread", args=["family", scene.talk_mother.uid])
    shown = mother.get(page).content.decode()
    assert ("Bel Petra om 8.00 uur." in shown, mother.post(page, {"text": "Toch."}).status_code) == (True, 403)
    told = {one.kind: one for one in Telling.objects.filter(case_uid=case.uid)}
    assert set(told) == {"suspended", "silenced"}
    assert told["silenced"].words == f"{way.why}\n\n{way.other_way}"
    assert at_school(told["silenced"].until - timedelta.resolution).date() == way.last_day
    kinds = Measure.objects.filter(case=case).order_by("pk").values_list("kind", "words")
    assert list(kinds) == [("suspended", "Besproken."), ("silenced", way.why)]


@pytest.mark.parametrize(("typed", "field"), [("other_way", "other_way"), ("talk_until", "talk_until")])
def test_the_form_asks_for_what_closing_the_conversation_needs(cast: Cast, case: Case, typed: str, field: str) -> None:
    today = at_school(timezone.now()).date()
    closing = {"talk_why": "Om.", "other_way": "Bel.", "talk_until": str(today + timedelta(days=2))}
    wrong = {"other_way": "", "talk_until": str(today + timedelta(days=29))}
    sent = {"kind": "limited", "words": "W.", "told": "L.", "heard": "on", "until": str(today + timedelta(days=40))}
    answer = visit(cast, "directie").post(
        reverse("moderation:measure", args=[case.uid]), {**sent, **closing, typed: wrong[typed]}
    )
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Restriction.objects.exists()


def test_that_the_words_were_removed_is_no_measure_about_who_wrote_them(cast: Cast, case: Case) -> None:
    Measure.objects.create(case=case, kind="removal", decided_by=cast.directie, decided_at=timezone.now())
    with pytest.raises(InternalFirstError):
        measure(case, cast.directie, "police")
    measure(case, cast.directie, "warning")
    assert measure(case, cast.directie, "police").why_outside == ""


def test_a_teacher_speaks_together_with_the_directie(cast: Cast, case: Case) -> None:
    with pytest.raises(NotConsultedError):
        measure(case, cast.teacher, "talk")
    assert measure(case, cast.teacher, "talk", consulted=True).consulted
    assert measures_for(Actor(cast.teacher, Hat.ANY, timezone.now()), case) == [MeasureKind.NOTE, MeasureKind.TALK]


def test_limiting_works_on_the_next_click_and_is_given_back(cast: Cast, scene: Scene, case: Case) -> None:
    mother, now = visit(cast, "mother"), timezone.now()
    page = reverse("messaging:post", args=["family", scene.post.uid])
    answer = {"text": "Toch nog iets"}
    today = at_school(now).date()
    with pytest.raises(NoDayError):
        measure(case, cast.directie, "limited")
    with pytest.raises(NoDayError):
        measure(case, cast.directie, "limited", until=today - timedelta(days=1))
    measure(case, cast.directie, "limited", until=today)
    assert (mother.get(page).status_code, mother.post(page, answer).status_code) == (200, 403)
    assert "You can read at De Linde, but not write." in mother.get(page).content.decode()
    measure(case, cast.directie, "suspended", until=today)
    assert mother.get(page).status_code == 404
    assert mother.get(reverse("messaging:photo", args=[scene.photo_of(scene.post).uid, 400])).status_code == 404
    assert mother.get(reverse("messaging:thread", args=["family", scene.talk_mother.uid])).status_code == 200
    stays = mother.get(reverse("home")).content.decode()
    ways = [reverse("messaging:threads", args=["family"]), reverse("consent:choices"),
            reverse("moderation:ask_access", args=["family"]), reverse("groups:complaints")]  # fmt: skip
    assert all(f'class="go" href="{way}"' in stays for way in ways)
    assert mother.get(reverse("consent:choices")).status_code == 200
    assert "You cannot come into De Linde for now." in mother.get(reverse("consent:choices")).content.decode()
    [row] = restrictions_of(case, now=timezone.now())
    ends = at_school(row.valid_until)
    assert (ends.date(), ends.hour) == (today + timedelta(days=1), 0)
    restore_access(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert restore_access(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now())) is None
    assert mother.get(page).status_code == 200
    kinds = Measure.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["limited", "suspended", "restored"]


def test_a_limit_that_was_replaced_says_so_and_one_given_back_does_not(cast: Cast, case: Case) -> None:
    soon = at_school(timezone.now()).date() + timedelta(days=3)
    measure(case, cast.directie, "suspended", until=soon)
    measure(case, cast.directie, "limited", until=soon)
    restore_access(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    rows = Measure.objects.visible_to(Actor(cast.directie, Hat.ANY, timezone.now())).with_replaced().order_by("pk")
    replaced = [(row.kind, row.is_replaced) for row in rows]
    assert replaced == [("suspended", True), ("limited", False), ("restored", False)]
    directie, said = visit(cast, "directie"), "a newer limit took its place"
    page = directie.get(reverse("moderation:case", args=[case.uid])).content.decode()
    file = directie.post(reverse("moderation:person_file", args=[case.uid])).content.decode()
    assert (page.count(said), file.count(said)) == (1, 1)


def test_a_file_on_paper_says_each_day_in_full(cast: Cast, case: Case) -> None:
    """A year later "today" on it said nothing, and a day without its year little."""
    row = measure(case, cast.directie, "note", words="Genoteerd.")
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    file = visit(cast, "directie").post(reverse("moderation:person_file", args=[case.uid])).content.decode()
    main = file.partition("<main")[2]
    assert stamp(row.decided_at) in main
    assert len(days := re.findall(r"day \d+ [A-Z][a-z]+( \d{4})?", main)) > 1
    assert all(days)
    assert "today" not in main


def test_what_one_case_gives_back_another_may_still_take(cast: Cast, scene: Scene, case: Case) -> None:
    """The parent is told no more than is true; of the two the heavier one held all the time."""
    soon = at_school(timezone.now()).date() + timedelta(days=3)
    other = person_reported(cast, scene.reply).case
    measure(case, cast.directie, "suspended", until=soon)
    measure(other, cast.directie, "limited", until=soon - timedelta(days=2))
    page = reverse("messaging:post", args=["family", scene.post.uid])
    assert visit(cast, "mother").get(page).status_code == 404
    restore_access(case=other, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert visit(cast, "mother").get(page).status_code == 404
    restore_access(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert visit(cast, "mother").get(page).status_code == 200
    told = Telling.objects.filter(to=cast.mother).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["suspended", "limited", "eased", "restored"]


def test_a_measure_sent_twice_is_one_measure(cast: Cast, case: Case) -> None:
    client, page = visit(cast, "directie"), reverse("moderation:measure", args=[case.uid])
    key = client.get(page).context["form"].initial["key"]
    sent = {"kind": "warning", "words": "Besproken.", "told": "Let op.", "heard": "on", "key": str(key)}
    answers = [client.post(page, sent) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {reverse("moderation:case", args=[case.uid])}
    assert Measure.objects.count() == 1
    until = timezone.localdate() + timedelta(days=2)
    for _ in range(2):
        assert client.post(page, {**sent, "kind": "suspended", "until": until.isoformat()}).status_code == 302
    assert list(Measure.objects.order_by("pk").values_list("kind", flat=True)) == ["warning", "suspended"]
    assert Restriction.objects.count() == 1


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_last_day_that_cannot_be_is_said_in_words(cast: Cast, case: Case, day: str) -> None:
    sent = {"kind": "limited", "words": "Besproken.", "told": "Let op.", "heard": "on", "until": day}
    answer = visit(cast, "directie").post(reverse("moderation:measure", args=[case.uid]), sent)
    assert (answer.status_code, Restriction.objects.exists()) == (422, False)
    assert "Besproken." in answer.content.decode()


def test_the_case_officer_stops_a_directie(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [own] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", now), **order)
    case = reported(cast, own).case
    measure(case, cast.case_officer, "suspended", until=at_school(now).date())
    assert not Group.objects.visible_to(Actor(cast.directie, Hat.ANY, timezone.now())).exists()
    assert Restriction.objects.get().decided_by == cast.case_officer


def test_the_case_officer_stops_a_teacher_in_a_case_about_a_child_of_the_directie(cast: Cast, scene: Scene) -> None:
    """The directie is a party by the child, so nobody else can."""
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    case = reported(cast, scene.said_by_teacher, "mother").case
    assert (case.against_directie, handlers(cast, case)) == (True, {"case_officer"})
    measure(case, cast.case_officer, "suspended", until=at_school(timezone.now()).date())
    assert not Group.objects.visible_to(Actor(cast.teacher, Hat.ANY, timezone.now())).exists()
    assert restore_access(case=case, by=Actor(cast.case_officer, Hat.ANY, timezone.now()))
    assert Group.objects.visible_to(Actor(cast.teacher, Hat.ANY, timezone.now())).exists()


def test_who_joined_the_directie_with_a_child_of_the_case_leaves_restricting_to_the_case_officer(
    cast: Cast, scene: Scene
) -> None:
    """The case goes on where it began; a colleague in the directie stops nobody for what is about that child."""
    case = reported(cast, scene.said_by_teacher, "mother").case
    colleague = Actor(come_in("adjunct", Role.DIRECTIE, cast), Hat.ANY, timezone.now())
    assert MeasureKind.SUSPENDED in measures_for(colleague, case)
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    assert can_lead(colleague, case)
    assert MeasureKind.SUSPENDED not in measures_for(colleague, case)


def test_the_case_officer_gives_back_to_who_left_the_directie_meanwhile(cast: Cast, scene: Scene) -> None:
    """Nobody else handles that case, and the button stands there; who took over the school decides nothing in it."""
    order = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    [own] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", timezone.now()), **order)
    case = reported(cast, own).case
    measure(case, cast.case_officer, "suspended", until=at_school(timezone.now()).date())
    successor = come_in("opvolger", Role.DIRECTIE, cast)
    task = StaffAssignment.objects.get(staff__user=cast.directie, role=Role.DIRECTIE)
    end_assignment(assignment=task, by=clock(timezone.now()))
    page, restore = (reverse(f"moderation:{name}", args=[case.uid]) for name in ("case", "restore"))
    client, other = visit(cast, "case_officer"), Client()
    other.force_login(successor, backend=SIGN_IN)
    assert restore in client.get(page).content.decode()
    assert (other.post(restore).status_code, client.post(restore).status_code) == (404, 302)
    assert not Restriction.objects.against(cast.directie, now=timezone.now()).exists()


@pytest.mark.parametrize("model", [Measure, Letter, KindNote])
def test_what_was_done_is_never_changed(cast: Cast, case: Case, model: Any) -> None:
    now = timezone.now()
    measure(case, cast.directie)
    write_letter(case=case, template="waarschuwing", title="T", text="X", by=Actor(cast.directie, Hat.ANY, now))
    address_writer(case=case, text="Dag!", by=Actor(cast.teacher, Hat.ANY, now))
    for change in (lambda: model.objects.update(case=None), lambda: model.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_letter_is_filled_in_read_over_and_kept(cast: Cast, case: Case) -> None:
    client = visit(cast, "directie")
    measure(case, cast.directie, "limited", until=at_school(timezone.now()).date())
    url = reverse("moderation:new_letter", args=[case.uid])
    assert "Waarschuwing" in client.get(url).content.decode()
    form = client.get(f"{url}?brief=toegang").context["form"]
    text = form.initial["text"]
    assert text.startswith("Beste Mother Adres,")
    assert "De Linde" in text
    assert "{" not in text
    sent = {"title": "Uw toegang", "text": text, "key": str(form.initial["key"])}
    refused = client.post(f"{url}?brief=toegang", sent)
    assert (refused.status_code, Letter.objects.exists()) == (422, False)
    assert "Fill in first what stands between brackets." in refused.content.decode()
    sent["text"] = re.sub(r"\(Vul hier.*?\)", "U schreef kwetsende woorden.", text) + "\n<b>P.S.</b>"
    answers = [client.post(f"{url}?brief=toegang", sent) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {reverse("moderation:letter", args=[Letter.objects.get().uid])}
    printed = client.get(answers[0]["Location"]).content.decode()
    assert "&lt;b&gt;P.S.&lt;/b&gt;" in printed
    assert visit(cast, "mother").get(answers[0]["Location"]).status_code == 404


def test_what_kring_does_not_know_the_letter_asks_for(cast: Cast, case: Case) -> None:
    School.objects.filter(pk=case.school_id).update(phone="")
    url = reverse("moderation:new_letter", args=[case.uid])
    text = visit(cast, "directie").get(f"{url}?brief=toegang").context["form"].initial["text"]
    assert text.count("(Vul hier") == 3
    assert "tot en met (Vul hier de dag in)." in text


def test_letters_fill_in_and_never_read_what_was_filled_in() -> None:
    one = Template("x", "family", "T", "Dag {naam}, {dag} {niets} {")
    assert one.filled({"naam": "{dag}", "dag": "maandag"}) == "Dag {dag}, maandag {niets} {"
    assert {len(templates_for(side)) > 2 for side in ("family", "staff")} == {True}
    sentences = [line for one in templates() for line in one.text.splitlines()]
    assert [s for line in sentences for s in line.split(". ") if len(s.split()) > 15] == []


def test_a_kind_word_is_read_by_its_reader_alone(cast: Cast, scene: Scene, case: Case) -> None:
    client = visit(cast, "teacher")
    url = reverse("moderation:case", args=[case.uid])
    form = client.get(url).context["form"]
    assert "Mother Adres" in form.initial["kind_word"]
    word = {"choice": "keep", "speaks": "on", "kind_word": "Zullen we even praten?", "key": str(form.initial["key"])}
    for _ in range(2):
        assert client.post(url, word).status_code == 302
    note = KindNote.objects.get()
    [row] = OutboxItem.objects.filter(kind="told", subject_uid=note.uid)
    [mail] = kind_of(row.kind).render([row], timezone.now())
    page = reverse("groups:telling", args=["family", note.uid])
    assert (row.recipient, page in mail.text, "praten" in mail.text) == (cast.mother, True, False)
    read = visit(cast, "mother").get(page).content.decode()
    assert "Zullen we even praten?" in read
    assert reverse("messaging:post", args=["family", scene.post.uid]) in read
    assert visit(cast, "father").get(page).status_code == 404
    assert visit(cast, "directie").get(page).status_code == 404


def test_colleagues_speak_to_each_other_first(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    page = visit(cast, "substitute").get(reverse("moderation:report", args=["staff", "bericht", scene.post.uid]))
    assert reverse("moderation:address", args=["staff", "bericht", scene.post.uid]) in page.content.decode()
    note = address_colleague(written=scene.post, text="Dag!", by=Actor(cast.substitute, Hat.ANY, now))
    assert (note.to, note.case) == (cast.teacher, None)
    with pytest.raises(PermissionDenied):
        address_colleague(written=scene.post, text="Ik.", by=Actor(cast.teacher, Hat.ANY, now))
    with pytest.raises(PermissionDenied):
        address_colleague(written=scene.reply, text="Ouder.", by=Actor(cast.teacher, Hat.ANY, now))


def test_who_only_reads_for_now_speaks_to_no_colleague(cast: Cast, scene: Scene) -> None:
    """POL-65: reads, and writes nothing; least of all to who reported it."""
    now = timezone.now()
    until = {"until": now + timedelta(days=1), "case_uid": uuid4(), "by": Actor(cast.directie, Hat.ANY, now)}
    restrict_person(person=cast.substitute, school=cast.linde, kind="limited", **until)
    assert Post.objects.visible_to(Actor(cast.substitute, "staff", now)).filter(pk=scene.post.pk).exists()
    with pytest.raises(PermissionDenied):
        address_colleague(written=scene.post, text="Dag!", by=Actor(cast.substitute, Hat.ANY, timezone.now()))


def test_the_file_of_a_person_holds_what_one_handles(cast: Cast, scene: Scene, case: Case) -> None:
    measure(case, cast.directie)
    person_reported(cast, scene.reply)
    found = {}
    for name in ("directie", "teacher"):
        page = visit(cast, name).post(reverse("moderation:person_file", args=[case.uid]))
        found[name] = len(page.context["rows"])
        assert "Father" not in page.content.decode()
        assert "Besproken." in page.content.decode()
    assert found == {"directie": 2, "teacher": 1}


def test_a_file_asks_the_same_for_one_case_and_for_four(cast: Cast, scene: Scene, case: Case) -> None:
    client, asked = visit(cast, "directie"), []
    for more in (0, 0, 3):
        for number in range(more):
            reply = publish_reply(
                post=scene.post, text=f"Nee {number}.", by=Actor(cast.mother, "family", timezone.now())
            )
            measure(reported(cast, reply).case, cast.directie)
        with CaptureQueriesContext(connection) as queries:
            page = client.post(reverse("moderation:person_file", args=[case.uid]))
        asked.append(len(queries))
    assert (len(page.context["rows"]), page.content.decode().count("Nee ")) == (4, 3)
    assert asked[-1] <= asked[1] + 5, "the names of who decided them, for any number"


def test_a_file_is_of_one_school_and_one_side(cast: Cast, scene: Scene) -> None:
    """POL-15, 65: what a teacher did as a teacher is not in the file of that same person as a parent."""
    now = timezone.now()
    order = {"topic": "notice", "title": "Let op", "text": "Om negen uur.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_5], by=Actor(cast.teacher_who_is_parent, "staff", now), **order)
    as_staff = reported(cast, post, "other_parent").case
    reply = publish_reply(post=scene.post, text="Belachelijk.", by=Actor(cast.teacher_who_is_parent, "family", now))
    as_parent = reported(cast, reply).case
    assert as_staff.about == as_parent.about
    for case in (as_staff, as_parent):
        page = visit(cast, "directie").post(reverse("moderation:person_file", args=[case.uid]))
        assert [one for one, *_shown in page.context["rows"]] == [case]


def test_staff_and_families_are_kept_apart(cast: Cast, scene: Scene) -> None:
    """The teacher who moderates reads files of families; what is about a colleague only the directie reads."""
    staff, family = reported(cast, scene.post_hidden, "substitute").case, reported(cast, scene.reply).case
    assert (staff.side, family.side) == ("staff", "family")
    assert (handlers(cast, staff), handlers(cast, family)) == ({"directie"}, {"teacher", "substitute", "directie"})


def test_what_the_writer_takes_back_under_report_is_in_the_dossier(cast: Cast, scene: Scene, case: Case) -> None:
    now = timezone.now()
    retract_written(written=scene.reply, by=Actor(cast.mother, "family", now))
    shown = shown_in(Case.objects.get(pk=case.pk), actor=Actor(cast.directie, Hat.ANY, now))
    assert (shown.is_removed, shown.reported) == (True, "")
    assert DossierEntry.objects.get().subject_uid == scene.reply.uid
    page = visit(cast, "directie").get(reverse("moderation:case", args=[case.uid]))
    assert (page.status_code, "A copy is in the dossier." in page.content.decode()) == (200, True)


def test_after_the_last_case_it_is_a_text_as_any_other(cast: Cast, scene: Scene, case: Case) -> None:
    now = timezone.now()
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    reopen_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    assert Reply.objects.get(pk=scene.reply.pk).reported_at
    close_case(case=case, by=Actor(cast.directie, Hat.ANY, now))
    retract_written(written=scene.reply, by=Actor(cast.mother, "family", now))
    assert not DossierEntry.objects.exists()


@pytest.mark.parametrize("which", ["reply", "post", "said_by_teacher", "photo"])
def test_removed_with_its_copy_and_written_down_once(
    cast: Cast, scene: Scene, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a conversation too the directie removes the one message that was reported; a double click changes nothing."""
    monkeypatch.setitem(canaries.READERS, "talkboth", canaries.READERS["talkboth"] | {"directie"})
    content = photo_in(scene.post) if which == "photo" else getattr(scene, which)
    case = reported(cast, content).case
    client, url = visit(cast, "directie"), reverse("moderation:case", args=[case.uid])
    assert client.post(url, {"choice": "gone", "told": ""}).status_code == 422
    sent = {"choice": "gone", "told": "Dit doet pijn.", "reason": "Kwetsend."}
    answers = [client.post(url, sent) for _ in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, url)}
    assert (DossierEntry.objects.get().reason, Telling.objects.get(case_uid=case.uid).words) == (
        "Kwetsend.",
        sent["told"],
    )
    assert (DossierEntry.objects.count(), Measure.objects.get().kind) == (1, "removal")
    assert type(content).objects.get(pk=content.pk).dossier_entry == DossierEntry.objects.get()
    assert client.get(url).status_code == 200


def test_the_queue_asks_as_much_for_one_as_for_three_of_whichever_kind(cast: Cast, scene: Scene) -> None:
    client, asked = visit(cast, "directie"), []
    for written, by in ((scene.reply, "father"), (scene.post, "father"), (scene.reply_to_teacher, "teacher")):
        reported(cast, written, by)
        client.get(reverse("moderation:cases"))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("moderation:cases"))
        asked.append(len(found))
    assert asked == [asked[0]] * 3


@pytest.mark.parametrize("more", [30, 300])
def test_the_queue_comes_in_pages_and_asks_as_much_for_hundreds(cast: Cast, case: Case, more: int) -> None:
    same = {field: getattr(case, field) for field in ("school", "about", "side", "opened_by", "opened_at")}
    same |= {"state": "closed", "closed_by": cast.directie, "closed_at": timezone.now()}
    Case.objects.bulk_create(Case(**same) for _ in range(more))
    access.reproject(school=case.school)
    client, queue = visit(cast, "directie"), f"{reverse('moderation:cases')}?klaar=1"
    client.get(queue)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(queue)
    assert (len(page.context["lines"]), len(asked)) == (30, 10)
    assert len(page.content) <= 60_000
    last = client.get(f"{queue}&pagina=99").context["page"]
    assert (last.number, last.paginator.count) == (more // 30, more)


@pytest.mark.parametrize(("more", "asked"), [(0, 13), (1, 15), (10, 15)])
def test_a_case_asks_the_same_for_ten_times_as_much(
    cast: Cast, scene: Scene, case: Case, django_assert_num_queries: Any, more: int, asked: int
) -> None:
    for name in ("teacher", "admitted_reader")[:more]:
        reported(cast, scene.reply, name)
    for _ in range(more):
        measure(case, cast.directie)
    client, page = visit(cast, "directie"), reverse("moderation:case", args=[case.uid])
    client.get(page)
    with django_assert_num_queries(asked):
        assert len(client.get(page).context["history"]) == more


def test_a_case_tells_who_closed_it_and_opened_it_again_and_when(cast: Cast, case: Case) -> None:
    page, now = reverse("moderation:case", args=[case.uid]), timezone.now()
    three, two, one = (now + timedelta(minutes=minutes) for minutes in (1, 2, 3))
    close_case(case=case, is_untrue=True, by=Actor(cast.teacher, Hat.ANY, three))
    told = [("What was reported was not true", cast.teacher, three)]
    assert _turns(cast, page) == told
    reopen_case(case=case, by=Actor(cast.directie, Hat.ANY, two))
    told = [("Handled", cast.teacher, three), ("Opened again", cast.directie, two)]
    assert _turns(cast, page) == told
    close_case(case=case, is_untrue=True, by=Actor(cast.directie, Hat.ANY, one))
    assert _turns(cast, page) == [*told, ("What was reported was not true", cast.directie, one)]


def _turns(cast: Cast, page: str) -> list[tuple[str, User, datetime]]:
    """What the page says was done, by which account and when."""
    history = visit(cast, "directie").get(page).context["history"]
    named = {str(one.full_name): one.user for one in StaffMember.objects.filter(user__isnull=False)}
    return [(one.what, named[one.by.partition(",")[0]], one.at) for one in history]


def test_the_child_of_a_case_is_named_to_who_knows_it(cast: Cast, scene: Scene) -> None:
    """The case officer handles it too where nobody else can, and reads no name of a child."""
    case, now = reported(cast, scene.said_by_teacher, "mother").case, timezone.now()
    assert case.child_id == cast.child("Noor").pk
    assert children_told([case], actor=Actor(cast.directie, Hat.STAFF, now)) == {case.pk: "Noor"}
    assert children_told([case], actor=Actor(cast.case_officer, Hat.STAFF, now)) == {}
