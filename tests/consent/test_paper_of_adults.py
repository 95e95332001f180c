"""The paper road of staff and parents about their own image (POL-46)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from consent.answers.services.decisions import decide_for_self
from consent.asking.domain.purposes import FOR_ADULTS, IMAGES, NAMES, WEBSITE, Says
from consent.asking.domain.standing import PHOTOS_STAND
from consent.models import Clearance, Decision, PaperForm, Purpose
from consent.overview.services import sight_of
from consent.paper.services import AnsweredSinceError, NoSayError, SignedAboutOneself, find_adults, record_paper
from groups.models import StaffAssignment
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat
from messaging.photos.services.images import sweep_uploads
from portal.core import access
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.models import AuditEvent, User
from tests.cast import NAMES as PEOPLE
from tests.cast import Cast
from tests.consent.pages import begun, visit
from tests.consent.test_paper import picture, today


@pytest.fixture(autouse=True)
def _own_disk(tmp_path: Any, settings: Any) -> None:
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_SECOND_FACTOR = False


def recorded(cast: Cast, adult: str = "teacher", **more: Any) -> PaperForm:
    purposes = {purpose.key: purpose for purpose in Purpose.objects.filter(school=cast.linde)}
    said = more.pop("said", {IMAGES: Says.YES})
    signed = SignedAboutOneself(
        cast.user(adult),
        cast.linde,
        more.pop("signed_on", today()),
        {purposes[key]: says for key, says in said.items()},
    )
    given = {
        "scan": picture(),
        "key": uuid4(),
        "by": Actor(more.pop("by", cast.directie), Hat.ANY, timezone.now()),
        **more,
    }
    return record_paper(signed=signed, **given)


@pytest.mark.parametrize("name", ["teacher", "mother", "substitute"])
def test_paper_counts_for_staff_and_for_parents(cast: Cast, name: str) -> None:
    begun(cast)
    assert sight_of(cast.groep_4, by=Actor(cast.directie, Hat.ANY, timezone.now())).adults == []
    form = recorded(cast, name, said={IMAGES: Says.YES, WEBSITE: Says.NO})
    assert len(sight_of(cast.groep_4, by=Actor(cast.directie, Hat.ANY, timezone.now())).adults) == 1
    rows = Decision.objects.filter(paper=form).order_by("pk")
    facts = rows.values_list("purpose__key", "says", "way", "adult", "child", "caregiver", "recorded_by")
    adult, by = cast.user(name).pk, cast.directie.pk
    assert set(facts) == {
        (IMAGES, "yes", "paper", adult, None, None, by),
        (WEBSITE, "no", "paper", adult, None, None, by),
    }
    told = AuditEvent.objects.filter(subject_kind__in=["paper_form", "decision"], school_uid=cast.linde.uid)
    assert list(told.order_by("pk").values_list("verb", flat=True)) == ["recorded", "decided", "decided"]


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "anonymous"])
def test_only_the_directie_of_the_school_records(cast: Cast, name: str) -> None:
    begun(cast)
    if name == "directie":
        assert recorded(cast, by=cast.user(name))
    else:
        with pytest.raises(PermissionDenied):
            recorded(cast, by=cast.user(name))


def test_nobody_types_over_the_own_form_or_sees_its_scan(cast: Cast) -> None:
    begun(cast)
    with pytest.raises(PermissionDenied):
        recorded(cast, "directie")
    form = recorded(cast)
    PaperForm.objects.filter(pk=form.pk).update(adult=cast.directie)
    assert visit(cast, "directie").get(reverse("consent:scan", args=[form.uid, 400])).status_code == 404


def test_who_does_not_read_along_at_the_school_has_no_say_there(cast: Cast) -> None:
    begun(cast)
    for name in ("teacher_elsewhere", "former_parent", "ict"):
        with pytest.raises(NoSayError):
            recorded(cast, name)
    assert (PaperForm.objects.count(), list(storage.kept_keys())) == (0, [])


@pytest.mark.parametrize(("since", "may"), [(timedelta(days=90), True), (PHOTOS_STAND, False)])
def test_who_left_the_staff_says_no_while_photos_stand(cast: Cast, since: timedelta, may: bool) -> None:
    """A substitute of last winter was on the photos of the class until the summer, and could do nothing."""
    asked, substitute, now = begun(cast)[IMAGES], cast.user("substitute"), timezone.now()
    decide_for_self(school=cast.linde, answers={asked: (Says.YES, 1)}, by=Actor(substitute, Hat.ANY, now))
    StaffAssignment.objects.filter(staff__user=substitute).update(valid_until=now)
    access.reproject(school=cast.linde, users=[substitute.pk])
    with time_machine.travel(now + since, tick=False):
        client, own = visit(cast, "substitute"), reverse("consent:own_choice", args=[cast.linde.uid])
        assert (str(asked.uid) in client.get(reverse("consent:own_choices")).content.decode()) == may
        directie = Actor(cast.directie, Hat.ANY, timezone.now())
        assert (substitute in find_adults(cast.linde, substitute.name, by=directie)) == may
        answer = client.post(own, {"no": asked.uid, f"words_{asked.uid}": 1})
        assert (answer.status_code, _is_shown(substitute)) == ((302, False) if may else (404, True))


def _is_shown(adult: User) -> bool:
    return Clearance.objects.in_force(IMAGES, is_shown=True, now=timezone.now()).filter(adult=adult).exists()


def test_what_is_asked_about_children_only_is_not_asked_of_adults(cast: Cast) -> None:
    begun(cast)
    with pytest.raises(PermissionDenied):
        recorded(cast, said={NAMES: Says.YES})


def test_paper_does_not_overrule_what_was_answered_since(cast: Cast) -> None:
    begun(cast)
    images = Purpose.objects.get(school=cast.linde, key=IMAGES)
    decide_for_self(
        school=cast.linde, answers={images: (Says.NO, 1)}, by=Actor(cast.user("teacher"), Hat.ANY, timezone.now())
    )
    for signed_on in (today(), today() - timedelta(days=3)):
        with pytest.raises(AnsweredSinceError, match=r"^1$"):
            recorded(cast, signed_on=signed_on)
    assert sight_of(cast.groep_4, by=Actor(cast.directie, Hat.ANY, timezone.now())).adults == []


def test_those_that_are_found_stand_by_name_also_who_came_in_later(cast: Cast) -> None:
    names = {"teacher": "Zoë Zwaluw", "substitute": "Anna Zwaluw", "mother": "Mo Zwaluw"}
    for person, name in names.items():
        first, last = name.split()
        user = cast.user(person)
        User.objects.filter(pk=user.pk).update(name=name)
        user.staff_records.update(first_name=first, last_name=last)
        user.caregivers.update(first_name=first, last_name=last)
    found = find_adults(cast.linde, "zwaluw", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert [user.name for user in found] == sorted(names.values())
    assert [user.pk for user in found] != sorted(user.pk for user in found)


def test_the_sweep_of_photos_leaves_these_scans_alone(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast)
    sweep_uploads(now=timezone.now() + timedelta(days=3))
    assert set(storage.kept_keys()) == {form.key}


def test_found_by_every_name_at_the_own_school_only(cast: Cast) -> None:
    now = timezone.now()
    teacher = cast.user("teacher")
    assert teacher in find_adults(cast.linde, teacher.name.split()[0], by=Actor(cast.directie, Hat.ANY, now))
    assert cast.directie not in find_adults(cast.linde, cast.directie.name, by=Actor(cast.directie, Hat.ANY, now))
    mother = cast.mother
    record = mother.caregivers.get()
    User.objects.filter(pk=mother.pk).update(name="Roepnaam")
    for name in ("Roepnaam", record.first_name, record.last_name):
        assert mother in find_adults(cast.linde, name, by=Actor(cast.directie, Hat.ANY, now))
    elsewhere = cast.user("teacher_elsewhere")
    assert elsewhere not in find_adults(cast.linde, elsewhere.name, by=Actor(cast.directie, Hat.ANY, now))


def test_the_page_from_the_search_to_the_scan(cast: Cast) -> None:
    begun(cast)
    client, teacher = visit(cast, "directie"), cast.user("teacher")
    page = reverse("consent:record_adult_paper", args=[teacher.uid])
    assert page in client.get(reverse("consent:paper"), {"q": teacher.name}).content.decode()
    form = client.get(page).context["form"]
    asked = Purpose.objects.asked().filter(school=cast.linde, key__in=FOR_ADULTS)
    assert {field.name for field in form.answer_fields} == {f"answer-{purpose.uid}" for purpose in asked}
    fields = {
        "key": form["key"].value(),
        "signed_on": today().isoformat(),
        f"answer-{asked.get(key=IMAGES).uid}": "yes",
    }
    nothing = client.post(page, {"key": fields["key"]})
    assert (nothing.status_code, PaperForm.objects.count()) == (422, 0)
    scan = SimpleUploadedFile("form.jpg", picture(), "image/jpeg")
    assert client.post(page, {**fields, "scan": scan}).status_code == 302
    again = SimpleUploadedFile("form.jpg", picture(), "image/jpeg")
    assert client.post(page, {**fields, "scan": again}).status_code == 302
    kept = PaperForm.objects.get()
    assert (kept.adult, kept.child, kept.caregiver) == (teacher, None, None)
    assert reverse("consent:scan", args=[kept.uid, 1600]) in client.get(page).content.decode()
    assert client.get(reverse("consent:scan", args=[kept.uid, 1600])).status_code == 200
    for name in ("teacher", "mother", "directie_elsewhere"):
        assert visit(cast, name).get(reverse("consent:scan", args=[kept.uid, 1600])).status_code == 404


def test_the_person_reads_that_it_came_on_paper(cast: Cast) -> None:
    begun(cast)
    recorded(cast)
    body = visit(cast, "teacher").get(reverse("consent:own_history")).content.decode()
    assert "on paper" in body


def test_a_form_of_somebody_without_access_for_now_is_typed_over(cast: Cast) -> None:
    """POL-65 takes the access, not the say about the own image."""
    begun(cast)
    now = timezone.now()
    until = {"until": now + timedelta(days=1), "case_uid": uuid4(), "by": Actor(cast.directie, Hat.ANY, now)}
    restrict_person(person=cast.teacher, school=cast.linde, kind="suspended", **until)
    assert cast.teacher in find_adults(cast.linde, cast.teacher.name, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    page = reverse("consent:record_adult_paper", args=[cast.teacher.uid])
    assert visit(cast, "directie").get(page).status_code == 200
