"""The form on paper for a family without e-mail: today's words, for one child or for all who have still to answer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from consent.asking.services.texts import PurposeTexts, words_of, write_text
from consent.models import Purpose
from consent.overview.services import lines_of
from groups.models import Caregiver, Child, Enrolment
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import Cast
from tests.consent.pages import answer, begun, visit
from tests.messaging.pages import page_text


@pytest.fixture(autouse=True)
def _no_second_factor(settings) -> None:
    settings.KRING_SECOND_FACTOR = False


def form_of(cast: Cast, child: str = "Noor", who: str = "directie"):
    return visit(cast, who).get(reverse("consent:blank_form", args=[cast.child(child).uid]))


def forms_of(cast: Cast):
    return visit(cast, "directie").post(reverse("consent:blank_forms", args=[cast.groep_4.uid]))


def test_it_has_the_words_of_today_and_two_boxes_each(cast: Cast) -> None:
    begun(cast)
    asked = list(Purpose.objects.asked().filter(school=cast.linde))
    purpose = asked[0]
    words = PurposeTexts("Nieuwe titel", "New title", "Nieuwe uitleg.", "New explanation.")
    write_text(purpose=purpose, version=1, words=words, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    response = form_of(cast)
    text, html = page_text(response), response.content.decode()
    assert "Nieuwe titel" in text
    assert "Nieuwe uitleg." in text
    assert all(one.title_nl in text for one in words_of(asked).values())
    assert html.count('class="tick"') == 2 * len(asked)
    assert cast.child("Noor").full_name in text


def test_on_paper_it_has_one_letterhead(cast: Cast) -> None:
    begun(cast)
    assert '<header class="head no-print">' in form_of(cast).content.decode()


def test_no_name_of_a_parent_stands_on_it(cast: Cast) -> None:
    """Two households: what one of them gets home says nothing about the other."""
    begun(cast)
    text = page_text(form_of(cast))
    for parent in Caregiver.objects.filter(guardianships__child=cast.child("Noor")):
        assert parent.first_name not in text


def test_from_sixteen_the_pupil_signs(cast: Cast) -> None:
    begun(cast)
    assert "Naam ouder" in page_text(form_of(cast))
    long_ago = timezone.now().date() - timedelta(days=17 * 366)
    Child.objects.filter(pk=cast.child("Noor").pk).update(birth_on=long_ago)
    assert "Naam leerling" in page_text(form_of(cast))


def test_all_forms_of_a_group_are_for_who_has_still_to_answer(cast: Cast) -> None:
    begun(cast)
    everybody = {line.child for line in lines_of(cast.groep_4, [], by=Actor(cast.directie, Hat.ANY, timezone.now()))}
    assert {form["child"] for form in forms_of(cast).context["forms"]} == everybody
    asked = {purpose.key: "yes" for purpose in Purpose.objects.asked().filter(school=cast.linde)}
    answer(cast, "mother", "Noor", **asked)
    assert {form["child"] for form in forms_of(cast).context["forms"]} == everybody - {cast.child("Noor")}


def test_a_school_that_asks_nothing_prints_nothing(cast: Cast) -> None:
    assert "tick" not in form_of(cast).content.decode()


@pytest.mark.parametrize("leaving", [0, 2])
def test_questions_do_not_grow_with_the_children(cast: Cast, django_assert_num_queries, leaving: int) -> None:
    begun(cast)
    Enrolment.objects.filter(group=cast.groep_4, child__first_name__in=["Noor", "Finn"][:leaving]).delete()
    client = visit(cast, "directie")
    page = reverse("consent:blank_forms", args=[cast.groep_4.uid])
    client.post(page)
    with django_assert_num_queries(13):
        client.post(page)
