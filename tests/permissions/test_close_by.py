"""Rules asked close by: each with rows that one condition less, or one more, answers otherwise."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import Says
from consent.models import Decision, Purpose
from groups.models import Guardianship, School
from groups.records.services.truth import derive
from groups.roles import Hat, Role
from moderation.cases.services.rights import with_parents
from portal.core.access import People
from portal.core.actor import Actor
from tests import rows
from tests.cast import Cast
from tests.consent.answering import begin

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_teacher_who_takes_another_group_keeps_nothing_of_the_first() -> None:
    """Who goes on serving the school: the first task ends with its own day, not with the last one's (POL-05)."""
    now = timezone.now()
    year = rows.school_year("close by", now - 60 * DAY, now + 60 * DAY, now + 90 * DAY)
    school = rows.school()
    four, five = (rows.group(school, year, key) for key in ("g4", "g5"))
    anna = rows.staff(school, "Anna", user=rows.account("anna@close.example"))
    rows.task(anna, Role.TEACHER, four, since=now - 40 * DAY, until=now - 10 * DAY)
    rows.task(anna, Role.TEACHER, five, since=now - 10 * DAY)
    derived = {
        (one.group_id, one.role): (one.valid_from, one.valid_until, one.reads_until) for one in derive(school, None)
    }
    assert derived[four.pk, "teacher"] == (now - 40 * DAY, now - 10 * DAY, now - 10 * DAY)
    assert derived[five.pk, "teacher"] == (now - 10 * DAY, now + 60 * DAY, now + 90 * DAY)


def test_the_last_answer_of_each_question_stands_and_no_other(cast: Cast) -> None:
    """A no that became a yes; beside it another question, answered later (POL-43)."""
    begin(cast)
    noor, now = cast.child("Noor"), timezone.now()
    first, second = Purpose.objects.filter(school=cast.linde).asked()[:2]
    for minutes, (purpose, says) in enumerate([(first, "no"), (first, "yes"), (second, "no")]):
        answers = {purpose: (Says(says), purpose.texts.count())}
        decide_for_child(child=noor, answers=answers, by=Actor(cast.mother, Hat.ANY, now + timedelta(minutes=minutes)))
    stands = Decision.objects.filter(child=noor).latest_of_holders().values_list("purpose", "says")
    assert sorted(stands) == sorted([(first.pk, "yes"), (second.pk, "no")])


def test_only_open_schools_with_a_number_are_named_to_call() -> None:
    named = rows.school("99XA", "Met nummer")
    rows.school("99XB", "Zonder nummer", phone="")
    rows.school("99XC", "Nog dicht", opened_at=None)
    assert list(School.objects.filter(brin__startswith="99X").to_call()) == [named]


def test_questions_stand_in_the_schools_order(cast: Cast) -> None:
    begin(cast)
    asked = Purpose.objects.filter(school=cast.linde)
    for position, purpose in enumerate(asked.order_by("-pk")):
        Purpose.objects.filter(pk=purpose.pk).update(position=position)
    assert list(asked.asked()) == list(asked.filter(retired_at=None).order_by("-pk"))


def test_what_changes_about_a_child_and_a_person_concerns_the_person_and_the_childs_parents() -> None:
    """The reach of cases: too short, and a party would go on reading one (POL-64)."""
    school = rows.school()
    noor, saar = rows.child(school, "Noor"), rows.child(school, "Saar")
    mother, other, teacher = (rows.account(f"{name}@close.example") for name in ("mother", "other", "teacher"))
    rows.caregiver(school, "Karima", noor, user=mother)
    rows.caregiver(school, "Lotte", saar, user=other)
    rows.caregiver(school, "Riet", noor)
    people = People(users=frozenset({teacher.pk}), children=frozenset({noor.pk}))
    assert with_parents(people) == {teacher.pk, mother.pk}
    assert with_parents(People(users=frozenset({teacher.pk}))) == {teacher.pk}


def test_of_all_that_was_between_an_adult_and_a_child_the_open_row_comes_first() -> None:
    now = timezone.now()
    school = rows.school()
    noor, karima = rows.child(school, "Noor"), rows.caregiver(school, "Karima")
    open_row = rows.guardianship(karima, noor, since=now - 9 * DAY)
    ended = [
        rows.guardianship(karima, noor, since=now - begun * DAY, until=now - until * DAY)
        for begun, until in ((20, 10), (5, 4), (30, 25))
    ]
    assert list(Guardianship.objects.of_pair(open_row)) == [open_row, ended[1], ended[0], ended[2]]
