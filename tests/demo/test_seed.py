"""The seeded demo: everything went through the services, and the personas find what they were promised."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from consent.answers.services.choices import own_cards
from consent.models import ConsentRound, Decision, PaperForm
from groups.models import Caregiver, Child, Group, Guardianship, Level, Restriction, School, StaffMember, Telling
from groups.records.services.contacts import schools_of_person
from groups.records.services.memberships import check_access
from groups.roles import Hat
from groups.roster.domain import caregivers, edexml
from groups.roster.domain.planning import plan_import
from groups.roster.domain.problems import Complaint
from groups.roster.domain.snapshot import Snapshot
from groups.roster.domain.years import year_start
from messaging.asks.domain import SHOWN_FROM
from messaging.asks.services.coming import taken_of
from messaging.asks.services.voting import outcome_of
from messaging.models import Placement, Post, Reply
from messaging.newsletter.domain import IsoWeek
from messaging.photos.services.gate import people_to_spare
from messaging.photos.services.review import review_of
from messaging.urgent.models import FollowUp
from messaging.urgent.services.deputies import deputies_of
from messaging.urgent.services.reach import reach_of
from messaging.urgent.services.sending import sent_this_year
from moderation.access_requests.services.access_requests import is_late, requests_of
from moderation.models import Acknowledgement, Evaluation, FrequencyWeek, Protocol
from moderation.rules.querysets.protocols import people_of
from moderation.rules.services.asking import waiting_for
from moderation.rules.services.evaluations import results_of
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, OutboxState, User
from portal.core.outbox import ledger
from portal.core.outbox.status import WENT_WRONG
from portal.demo.cast import (
    BANNED,
    KLINKERHOEK,
    OUTLINES,
    PERSONA_EMAILS,
    READER,
    VLIEGERDRAAD,
    WAITING,
    WITHOUT_ADDRESS,
)
from portal.demo.personas import BY_SLUG, PERSONAS
from portal.demo.plan import SchoolOutline
from portal.demo.rosterfiles import caregivers_csv_of, edexml_of
from portal.demo.school import build_school, school_year_start
from tests.ground import ground
from tests.seeding import DATABASE, said_in
from tests.snapshot import Snapshot as Rows
from tests.snapshot import of_file, take

pytestmark = pytest.mark.xdist_group("seed")  # the rows are put in place once, in one process

BRINS = [outline.brin for outline in OUTLINES]


@pytest.mark.parametrize(("outline", "expected"), [(KLINKERHOEK, [Complaint.SHARED_ADDRESS]), (VLIEGERDRAAD, [])])
def test_the_files_hold_only_the_planned_problem(outline: SchoolOutline, expected: list[Complaint]) -> None:
    today = timezone.localdate()
    school = build_school(outline, day=today)
    plan = plan_import(
        Snapshot(outline.brin, "00"),
        edexml.parse(edexml_of(school, made_on=today)),
        caregivers.parse(caregivers_csv_of(school)),
        now=year_start(school_year_start(today).year),
    )
    assert [problem.complaint for problem in plan.problems] == expected


@pytest.fixture(scope="class")
def seeded_rows(seeded: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What the trial version starts with in the place of the cast, as the journeys find it."""
    with django_db_blocker.unblock():
        ground.take_up()
        of_others = take()
        _in_place(of_file(seeded / DATABASE))
        yield
        ground.take_up()
        _in_place(of_others)


def _in_place(rows: Rows) -> None:
    """With the keys that are remembered of rows which `migrate` makes."""
    rows.put_back()
    ContentType.objects.clear_cache()
    access.forget_permissions()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="tests/deploy/test_roles.py seeds on PostgreSQL")
@pytest.mark.usefixtures("seeded_rows", "db")
class TestSeed:
    def user(self, slug: str) -> User:
        return User.objects.get(email=BY_SLUG[slug].email)

    def groups_of(self, slug: str) -> set[str]:
        return set(
            Group.objects.visible_to(Actor(self.user(slug), Hat.ANY, timezone.now())).values_list("name", flat=True)
        )

    def level_of(self, name: Any) -> str:
        caregiver = Caregiver.objects.get(first_name=name.first, last_name=name.last, school__brin="99KK")
        return Guardianship.objects.open().get(caregiver=caregiver).level

    def test_each_phase_says_how_long_it_took(self, seeded: Path) -> None:
        [seeding] = said_in(seeded)
        assert [line.partition(":")[0] for line in seeding.told.splitlines()] == [
            "schools from their files",
            "first people invited",
            "staff came in",
            "directie decided",
            "schools opened",
            "caregivers came in",
            "messages placed",
            "messages answered",
            "questions answered",
            "chosen, and who comes",
            "messages seen",
            "what could not wait",
            "conversations held",
            "consent asked",
            "rules confirmed",
            "agenda filled",
            "reports handled",
            "what could not wait",
            "conversations held",
            "consent asked",
            "rules confirmed",
            "agenda filled",
            "reports handled",
            "what all had to read",
            "a school of older pupils",
            "its consent asked",
            "a pupil came in",
            "newsletters sent",
            "weeks counted",
            "weeks counted",
            "a new school begins",
            "promises looked at",
        ]

    def test_the_last_newsletter_went_out(self) -> None:
        """To the mother, and not to the father, who chose a mail for each message."""
        letters = OutboxItem.objects.filter(kind="digest", state=OutboxState.ACCEPTED)
        told = set(letters.values_list("recipient__email", flat=True))
        assert PERSONA_EMAILS["moeder"] in told
        assert PERSONA_EMAILS["vader"] not in told
        balance = ledger(kind="digest")
        assert (balance.lost, balance.failed, balance.uncertain, balance.pending) == (0, 0, 0, 0)
        assert balance.accepted > 100

    def test_mail_is_not_behind_when_a_visitor_comes_in(self) -> None:
        """Nothing that was written months ago waits for a worker that begins today."""
        waiting = OutboxItem.objects.under_way().values_list("due_at", flat=True)
        begun = Post.objects.latest("published_at").placed_at
        assert [due for due in waiting if due < begun] == []
        assert not OutboxItem.objects.filter(state__in=WENT_WRONG).exists()

    def test_what_could_not_wait_was_read_by_most_and_one_family_is_still_to_phone(self) -> None:
        petra = Actor(self.user("directie"), Hat.STAFF, timezone.now())
        [urgent] = sent_this_year(School.objects.get(brin="99KK"), by=petra)
        reach = reach_of(urgent.post, actor=petra)
        adults = [one for family in reach.families for one in family.adults]
        assert len([family for family in reach.families if any(one.has_read for one in family.adults)]) > 10
        assert len([one for one in adults if one.called_at]) >= 2
        [left] = reach.to_phone
        assert any(re.fullmatch(r"06 1234 56\d\d", one.phone) for one in left.adults)
        assert len(deputies_of(urgent.post.school, by=petra)) == 2
        assert FollowUp.objects.waiting_for(petra).count() == 1

    def test_what_was_chosen_without_names_is_known_to_the_teacher_and_some_come(self) -> None:
        chosen, museum = Post.objects.get(ask="choose"), Post.objects.get(ask="come")
        outcome = outcome_of(chosen, actor=Actor(self.user("juf"), Hat.STAFF, timezone.now()))
        assert outcome
        assert outcome.counts
        assert sum(count for _words, count in outcome.counts) == outcome.voters >= SHOWN_FROM
        assert museum.capacity
        assert 4 < (taken_of(museum, now=timezone.now()) or 0) < museum.capacity

    def test_a_few_photos_wait_for_the_teacher(self) -> None:
        """After the no of Fenna's mother; nothing waits elsewhere, and the parents of Noor do not agree."""
        now, group = timezone.now(), Group.objects.get(roster_key="G4", school__brin="99KK")
        found = review_of(group, actor=Actor(self.user("juf"), Hat.ANY, now))
        assert {child.first_name: photos for child, photos in found.children.items()} == {"Fenna": 3}
        waiting = Placement.objects.under_review_by(Actor(self.user("directie"), Hat.ANY, now))
        assert {placement.writing.group for placement in waiting} == {group}
        noor = Child.objects.get(first_name="Noor", guardianships__caregiver__user=self.user("moeder"))
        said = Decision.objects.filter(child=noor, purpose__key="social_media").values_list("says", flat=True)
        assert sorted(said) == ["no", "yes"]

    def test_the_gate_names_few_children_but_in_group_4(self) -> None:
        """Half of the caregivers never came in; their paper did. Groep 4 keeps a first week's gate."""
        now = timezone.now()
        for group in Group.objects.filter(school__brin__in=BRINS, kind="class"):
            spared = [person for person in people_to_spare([group], now=now) if person.child]
            if (group.roster_key, group.school.brin) == ("G4", "99KK"):
                assert len(spared) > 4
            else:
                assert len(spared) <= 4, group

    def test_both_schools_ask_and_the_first_asked_last_year_too(self) -> None:
        now = timezone.now()
        for brin, closed in (("99KK", 1), ("99KV", 0)):
            rounds = ConsentRound.objects.filter(school__brin=brin)
            assert (rounds.open(now=now).count(), rounds.filter(closes_at__lte=now).count()) == (1, closed)
        forms = PaperForm.objects.count()
        assert forms == len(set(PaperForm.objects.values_list("key", flat=True))) > 40
        assert AuditEvent.objects.filter(verb="recorded", subject_kind="paper_form").count() == forms

    def test_a_second_time_changes_nothing(self) -> None:
        before = [model.objects.count() for model in (User, Child, Caregiver, Post, Reply)]
        call_command("seed_demo", stdout=StringIO())
        assert [model.objects.count() for model in (User, Child, Caregiver, Post, Reply)] == before

    def test_rights_follow_from_the_truth(self) -> None:
        assert not any(check_access(now=timezone.now()).values())

    def test_both_parents_see_the_same_groups(self) -> None:
        assert self.groups_of("moeder") == self.groups_of("vader") == {"Groep 4", "Groep 7", "Hele school"}

    def test_staff_see_what_their_task_gives(self) -> None:
        assert self.groups_of("juf") == {"Groep 4", "Hele school", "Team"}
        assert self.groups_of("ict") == set()
        assert len(self.groups_of("directie")) == Group.objects.filter(school__brin="99KK").count()

    def test_the_council_member_sits_in_the_council(self) -> None:
        assert self.groups_of("mr") == {"Groep 3", "Groep 5", "Hele school", "Medezeggenschapsraad"}

    def test_special_cases_are_as_planned(self) -> None:
        assert self.level_of(READER) == Level.ADMITTED_READER
        assert self.level_of(BANNED) == Level.CONTACT_BAN
        assert self.level_of(WAITING) == Level.UNVERIFIED
        assert Caregiver.objects.get(first_name=WITHOUT_ADDRESS.first, last_name=WITHOUT_ADDRESS.last).email == ""

    def test_the_teacher_who_is_a_parent_is_one_person_with_two_records(self) -> None:
        email = "t.vermeulen@klinkerhoek.example"
        assert Caregiver.objects.get(email=email).user == StaffMember.objects.get(email=email).user

    def test_about_half_of_the_caregivers_came_in(self) -> None:
        everybody = Caregiver.objects.filter(school__brin__in=BRINS)
        assert 0.4 < everybody.filter(user__isnull=False).count() / everybody.count() < 0.6

    def test_answers_to_the_teacher_are_read_by_the_teacher_only(self) -> None:
        post = Post.objects.get(title__startswith="Schort mee")
        now = timezone.now()
        read = {
            slug: Reply.objects.visible_to(Actor(self.user(slug), Hat.ANY, now)).filter(post=post).count()
            for slug in ("juf", "directie", "moeder", "mr")
        }
        assert read == {"juf": 3, "directie": 3, "moeder": 1, "mr": 0}

    def test_one_message_was_edited_and_keeps_both_versions(self) -> None:
        (post,) = Post.objects.filter(edited_at__isnull=False)
        assert post.versions.count() == 2

    def test_everybody_but_it_finds_something_new(self) -> None:
        now = timezone.now()
        for slug in ("juf", "moeder", "vader", "mr", "directie"):
            posts = Post.objects.visible_to(Actor(self.user(slug), Hat.ANY, now)).with_seen_by(self.user(slug))
            assert {post.is_seen for post in posts} == {True, False}, slug

    def test_of_the_people_a_visitor_can_be_only_femke_has_to_confirm_the_rules(self) -> None:
        waiting = {slug for slug in PERSONA_EMAILS if waiting_for(Actor(self.user(slug), Hat.ANY, timezone.now()))}
        assert waiting == {"mr"}
        assert (
            Acknowledgement.objects.count() / people_of(Protocol.objects.get().school, now=timezone.now()).count() > 0.7
        )

    def test_one_request_for_access_waits_for_the_directie(self) -> None:
        [asked] = requests_of(actor=Actor(self.user("directie"), Hat.ANY, timezone.now()))
        assert (asked.state, is_late(asked, now=timezone.now())) == ("drawing", False)
        assert asked.about.email not in PERSONA_EMAILS.values()

    def test_one_case_has_every_step_about_a_text_and_its_person_reads_each(self) -> None:
        [asked] = requests_of(actor=Actor(self.user("directie"), Hat.ANY, timezone.now()))
        told = Telling.objects.filter(to=asked.about, case_uid__isnull=False).order_by("told_at")
        kinds = ["kind_word", "hidden", "talk", "warning", "limited", "restored", "letter", "shown"]
        assert [one.kind for one in told] == kinds
        assert not Restriction.objects.against(asked.about, now=timezone.now()).exists()

    def test_a_pupil_of_sixteen_is_asked_herself(self) -> None:
        pupil = Actor(self.user("leerling"), Hat.FAMILY, timezone.now())
        assert pupil.user.name == "Sanne Postma"
        [card] = own_cards(actor=pupil)
        assert (card.child.first_name, card.may_choose, len(card.choices) > 0) == ("Sanne", True, True)
        assert [school.name for school in schools_of_person(pupil)] == ["De Uitkijk"]

    def test_a_questionnaire_has_answers(self) -> None:
        results = results_of(Evaluation.objects.get())
        assert results
        assert (results.answers > 20, len(results.remarks)) == (True, 7)

    def test_the_weeks_since_the_first_message_are_counted(self) -> None:
        now = timezone.now()
        for brin in BRINS:
            rows = FrequencyWeek.objects.filter(school__brin=brin, group__kind="class")
            classes = Group.objects.filter(school__brin=brin, kind="class").count()
            begins = Post.objects.filter(school__brin=brin, state="published").earliest("published_at").placed_at
            weeks = (IsoWeek.at(now).monday - IsoWeek.at(begins).monday).days // 7
            assert rows.count() == weeks * classes

    def test_nothing_is_written_in_the_future(self) -> None:
        soon = timezone.now() + timedelta(seconds=1)
        assert not Post.objects.filter(published_at__gte=soon).exists()
        assert not Reply.objects.filter(published_at__gte=soon).exists()

    def test_schools_have_their_phone_number_and_address(self) -> None:
        found = School.objects.filter(brin__in=BRINS).values_list("brin", "phone", "street", "town")
        assert set(found) == {(one.brin, one.phone, one.street, one.town) for one in OUTLINES}
        assert all(one.street and one.town for one in OUTLINES)

    def test_the_start_page_offers_all_personas(self, client: Client) -> None:
        page = client.get(reverse("demo:start"))
        assert page.context["personas"] == list(PERSONAS)

    @override_settings(KRING_SECOND_FACTOR=False)
    def test_one_tap_signs_in(self, client: Client) -> None:
        for persona in PERSONAS:
            answer = client.post(reverse("demo:sign_in_as", args=[persona.slug]))
            assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
            assert client.session["_auth_user_id"] == str(self.user(persona.slug).pk)

    def test_somebody_we_do_not_know_is_not_found(self, client: Client) -> None:
        assert client.post(reverse("demo:sign_in_as", args=["inspecteur"])).status_code == 404

    def test_signing_in_is_a_deliberate_post(self, client: Client) -> None:
        url = reverse("demo:sign_in_as", args=["juf"])
        assert client.get(url).status_code == 405
        assert Client(enforce_csrf_checks=True).post(url).status_code == 403
