"""The seeded demo: everything went through the services, and the personas find what they were promised."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from groups.domain import caregivers, edexml
from groups.domain.roster.planning import plan_import
from groups.domain.roster.problems import Complaint
from groups.domain.roster.snapshot import Snapshot
from groups.domain.roster.years import year_start
from groups.models import Caregiver, Child, Group, Guardianship, Level, School, StaffMember
from groups.services.memberships import check_access
from messaging.models import Post, Reply
from portal.core.models import OutboxItem, OutboxState, User
from portal.core.outbox import ledger
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


class TestSeed(TestCase):
    said: str

    @classmethod
    def setUpTestData(cls) -> None:
        out = StringIO()
        call_command("seed_demo", stdout=out)
        cls.said = out.getvalue()

    def user(self, slug: str) -> User:
        return User.objects.get(email=BY_SLUG[slug].email)

    def groups_of(self, slug: str) -> set[str]:
        return set(Group.objects.visible_to(self.user(slug), now=timezone.now()).values_list("name", flat=True))

    def level_of(self, name: Any) -> str:
        caregiver = Caregiver.objects.get(first_name=name.first, last_name=name.last, school__brin="99KK")
        return Guardianship.objects.open().get(caregiver=caregiver).level

    def test_each_phase_says_how_long_it_took(self) -> None:
        assert [line.partition(":")[0] for line in self.said.splitlines()] == [
            "schools from their files",
            "first people invited",
            "staff came in",
            "directie decided",
            "caregivers came in",
            "messages placed",
            "messages answered",
            "messages seen",
            "conversations held",
            "conversations held",
            "newsletters sent",
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
            slug: Reply.objects.visible_to(self.user(slug), now=now).filter(post=post).count()
            for slug in ("juf", "directie", "moeder", "mr")
        }
        assert read == {"juf": 3, "directie": 3, "moeder": 1, "mr": 0}

    def test_one_message_was_edited_and_keeps_both_versions(self) -> None:
        (post,) = Post.objects.filter(edited_at__isnull=False)
        assert post.versions.count() == 2

    def test_everybody_but_it_finds_something_new(self) -> None:
        now = timezone.now()
        for slug in ("juf", "moeder", "vader", "mr", "directie"):
            posts = Post.objects.visible_to(self.user(slug), now=now).with_seen_by(self.user(slug))
            assert {post.is_seen for post in posts} == {True, False}, slug

    def test_nothing_is_written_in_the_future(self) -> None:
        soon = timezone.now() + timedelta(seconds=1)
        assert not Post.objects.filter(published_at__gte=soon).exists()
        assert not Reply.objects.filter(published_at__gte=soon).exists()

    def test_schools_have_their_phone_number_and_address(self) -> None:
        found = School.objects.filter(brin__in=BRINS).values_list("brin", "phone", "street", "town")
        assert set(found) == {(one.brin, one.phone, one.street, one.town) for one in OUTLINES}
        assert all(one.street and one.town for one in OUTLINES)

    def test_the_start_page_offers_all_personas(self) -> None:
        page = self.client.get(reverse("demo:start"))
        assert page.context["personas"] == list(PERSONAS)

    @override_settings(KRING_SECOND_FACTOR=False)
    def test_one_tap_signs_in(self) -> None:
        for persona in PERSONAS:
            answer = self.client.post(reverse("demo:sign_in_as", args=[persona.slug]))
            assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
            assert self.client.session["_auth_user_id"] == str(self.user(persona.slug).pk)

    def test_somebody_we_do_not_know_is_not_found(self) -> None:
        assert self.client.post(reverse("demo:sign_in_as", args=["inspecteur"])).status_code == 404

    def test_signing_in_is_a_deliberate_post(self) -> None:
        url = reverse("demo:sign_in_as", args=["juf"])
        assert self.client.get(url).status_code == 405
        assert Client(enforce_csrf_checks=True).post(url).status_code == 403
