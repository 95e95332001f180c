"""What parents read of the school and of its staff: who changes it, how a refusal sounds, and what follows."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Group, School, StaffMember
from groups.records.services.bylines import byline
from groups.roles import MODERATE, Hat
from groups.roster.domain import edexml
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from groups.schools.services import UnknownFieldError, change_school, change_signature
from groups.staff.services.staff import end_assignment, invite_staff
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent
from portal.core.versions import EditedMeanwhileError
from tests.cast import NAMES, SIGN_IN, Cast, address
from tests.groups.rosterfiles import Edex, Pupil, Teacher
from tests.kept import is_kept_until_it_arrived

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAGE = "/school/gegevens/"
FILLED = {
    "phone": "0597-01 23 99",
    "street": "Kringpad 4",
    "town": "9999 ZZ Bomendorp",
    "opening_hours": "8.00 tot 16.30 uur",
    "helpdesk_email": "hulp@linde.example",
    "teachers_moderate": "on",
}
NAMED = {"display_name": "juf Anna", "function": "leerkracht groep 4"}


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def visit(cast: Cast, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    user = cast.user(name)
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend=SIGN_IN)
    return client


def send(client: Client, page: str, fields: dict[str, str], **more: Any) -> Any:
    """What a browser sends that shows the page as it is now."""
    form = client.get(page).context["form"]
    return client.post(page, {"version": form["version"].value(), **fields}, **more)


def record_of(name: str) -> StaffMember:
    return StaffMember.objects.select_related("school").get(email=address(name))


def signature_page(name: str) -> str:
    return reverse("groups:signature", args=[record_of(name).uid])


def own_page(name: str) -> str:
    return reverse("groups:own_signature", args=[record_of(name).uid])


def moderates(cast: Cast, name: str) -> bool:
    return (
        Group.objects.permitting(Actor(cast.user(name), Hat.ANY, timezone.now()), MODERATE)
        .filter(pk=cast.groep_4.pk)
        .exists()
    )


# The school.


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("form", {"phone": "0512 765432"}),
        ("digest", {"digest_weekday": "4", "digest_hour": "15"}),
        ("complaints", {"confidant": "Riet, 0512 765432"}),
    ],
)
def test_what_is_typed_stays_in_the_tab_until_it_is_saved(cast: Cast, name: str, fields: dict[str, str]) -> None:
    """Each of the three by itself: what is typed in another one is not saved yet."""
    client = visit(cast, "ict")
    page = reverse("groups:school")
    version = client.get(page).context[name]["version"].value()
    assert is_kept_until_it_arrived(client, page, {"version": version, **fields})


@pytest.mark.parametrize("name", ["directie", "ict"])
def test_the_details_are_changed_and_stand_under_help(cast: Cast, name: str) -> None:
    client = visit(cast, name)
    response = send(client, PAGE, FILLED, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "Saved. It holds from this moment." in response.content.decode()
    school = School.objects.get(pk=cast.linde.pk)
    assert {field: getattr(school, field) for field in FILLED} == {**FILLED, "teachers_moderate": True}
    assert "0597-01 23 99" in visit(cast, "mother").get(reverse("groups:help")).content.decode()


def test_the_trail_says_which_fields_and_not_what(cast: Cast) -> None:
    client = visit(cast, "directie")
    for _ in range(2):
        assert send(client, PAGE, FILLED).status_code == 302
    event = AuditEvent.objects.get(verb="school.changed", school_uid=cast.linde.uid)
    assert event.facts == {"fields": ["phone", "opening_hours", "street", "town", "helpdesk_email"]}
    assert event.actor_uid == cast.directie.uid


def test_rights_follow_when_teachers_no_longer_moderate(cast: Cast) -> None:
    assert moderates(cast, "teacher")
    client = visit(cast, "directie")
    off = {name: value for name, value in FILLED.items() if name != "teachers_moderate"}
    send(client, PAGE, off)
    assert (moderates(cast, "teacher"), moderates(cast, "directie")) == (False, True)
    send(client, PAGE, FILLED)
    assert moderates(cast, "teacher")


def test_the_other_school_stays_as_it_was(cast: Cast) -> None:
    before = School.objects.filter(pk=cast.berk.pk).values().get()
    send(visit(cast, "directie"), PAGE, FILLED)
    assert School.objects.filter(pk=cast.berk.pk).values().get() == before


REFUSED = [
    ("phone", "", "Type the phone number of the school."),
    ("phone", "bel maar", "Type a number with digits, like 0597-01 23 45."),
    ("phone", "112", "Type a number with digits"),
    ("phone", "0597-01 23 45 67 89 01", "Type a number with digits"),
    ("phone", "٠٥٩٧٠١٢٣٤٥", "Type a number with digits"),
    ("street", "Kring\x07pad 4", "There is a character in it that we cannot show."),
    ("town", "Bomen\x00dorp", "There is a character in it that we cannot show."),
    ("opening_hours", "8.00 \u202etot 16.30", "There is a character in it that we cannot show."),
    ("street", "K" * 201, "at most 200"),
    ("helpdesk_email", "hulp", "Put an @ in the address"),
    ("helpdesk_email", "hulp@linde", "This address is not right."),
    ("helpdesk_email", "h@linde.example, x@linde.example", "This address is not right."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), REFUSED)
def test_a_refused_form_comes_back_full_with_a_sentence(cast: Cast, field: str, value: str, sentence: str) -> None:
    response = send(visit(cast, "directie"), PAGE, FILLED | {field: value})
    body = response.content.decode()
    assert response.status_code == 422
    assert sentence in body
    assert 'id="fouten"' in body
    assert all(kept in body for name, kept in FILLED.items() if name not in (field, "teachers_moderate"))
    assert School.objects.get(pk=cast.linde.pk).street == ""


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("phone", " (0597) 01.23.45 ", "0597 01-23-45"),
        ("phone", "+31 (0)597 012345", "+31 597 012345"),
        ("phone", "0597–01 23 45", "0597-01 23 45"),
        ("phone", "0800-1234", "0800-1234"),
        ("helpdesk_email", "Jérôme@Linde.example", "jérôme@linde.example"),
        ("helpdesk_email", "  ", ""),
        ("town", "Sneek  /\tSnits", "Sneek / Snits"),
    ],
)
def test_what_people_type_is_understood(cast: Cast, field: str, typed: str, stored: str) -> None:
    assert send(visit(cast, "directie"), PAGE, FILLED | {field: typed}).status_code == 302
    assert getattr(School.objects.get(pk=cast.linde.pk), field) == stored


def direct_both(cast: Cast) -> Client:
    now = timezone.now()
    invite_staff(email=address("directie"), role="directie", school=cast.berk, by=clock(now))
    StaffMember.objects.filter(email=address("directie"), school=cast.berk).update(user=cast.directie, joined_at=now)
    access.reproject(school=cast.berk)
    return visit(cast, "directie")


def test_who_has_two_schools_chooses(cast: Cast) -> None:
    client = direct_both(cast)
    page = client.get(PAGE)
    assert [option["label"] for option in page.context["options"]] == ["De Berk", "De Linde"]
    chosen = f"{PAGE}?school={cast.linde.uid}"
    assert client.get(chosen).context["school"] == cast.linde
    assert send(client, chosen, FILLED)["Location"] == chosen
    assert School.objects.get(pk=cast.linde.pk).phone == FILLED["phone"]
    assert School.objects.get(pk=cast.berk.pk).phone == ""


@pytest.mark.parametrize(
    ("page", "labels"),
    [
        (PAGE, ["Phone number", "When can people call?", "Street and number", "Postcode and town"]),
        ("/school/mensen/invoer/", ["The export of your administration", "The list of caregivers"]),
    ],
)
def test_with_two_schools_every_field_keeps_its_own_name(cast: Cast, page: str, labels: list[str]) -> None:
    shown = direct_both(cast).get(page).content.decode()
    assert re.findall(r"<label for=[^>]*>([^<]*[^< ])", shown)[: len(labels)] == labels


@pytest.mark.parametrize("uid", ["", "x", "00000000-0000-0000-0000-000000000000", "berk"])
def test_a_school_of_somebody_else_is_not_there(cast: Cast, uid: str) -> None:
    asked = str(cast.berk.uid) if uid == "berk" else uid
    assert visit(cast, "directie").get(PAGE, {"school": asked}).status_code == 404


def test_the_service_asks_itself_who_may(cast: Cast) -> None:
    now = timezone.now()
    for name in NAMES:
        if name not in ("directie", "ict"):
            with pytest.raises(PermissionDenied):
                change_school(school=cast.linde, phone="0597-01 23 99", by=Actor(cast.user(name), Hat.ANY, now))
    with pytest.raises(UnknownFieldError):
        change_school(school=cast.linde, brin="99ZZ", by=clock(now))  # type: ignore[call-arg]


def test_the_ways_there(cast: Cast) -> None:
    assert f'href="{PAGE}"' in visit(cast, "directie").get(reverse("groups:people")).content.decode()
    assert f'href="{PAGE}"' in visit(cast, "ict").get(reverse("home"), follow=True).content.decode()


def test_two_members_of_the_directie_in_two_tabs(cast: Cast) -> None:
    first, second = visit(cast, "directie"), visit(cast, "ict")
    shown = {"version": second.get(PAGE).context["form"]["version"].value()}
    send(first, PAGE, FILLED | {"phone": "0597-11 11 11"})
    late = second.post(PAGE, FILLED | {"phone": "0597-22 22 22", "helpdesk_email": "ict@linde.example"} | shown)
    assert late.status_code == 409
    assert late.context["form"].meanwhile == [
        ("Phone number", "0597-11 11 11"),
        ("E-mail address of the helpdesk", "hulp@linde.example"),
    ]
    body = late.content.decode()
    assert all(text in body for text in ("0597-11 11 11", "0597-22 22 22", "ict@linde.example"))
    assert School.objects.get(pk=cast.linde.pk).phone == "0597-11 11 11"
    [version] = re.findall(r'name="version" value="(\d+)"', body.partition('name="digest_weekday"')[0])[:1]
    assert second.post(PAGE, FILLED | {"phone": "0597-22 22 22", "version": version}).status_code == 302
    assert School.objects.get(pk=cast.linde.pk).phone == "0597-22 22 22"


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "2", "99999999999999999999", "NaN"])
def test_a_version_that_is_not_the_present_one_changes_nothing(cast: Cast, version: str) -> None:
    client = visit(cast, "directie")
    assert client.post(PAGE, FILLED | {"version": version}).status_code == 409
    assert School.objects.get(pk=cast.linde.pk).phone == ""


def test_the_same_words_as_somebody_else_are_no_quarrel(cast: Cast) -> None:
    send(visit(cast, "directie"), PAGE, FILLED)
    assert visit(cast, "ict").post(PAGE, FILLED | {"version": "1"}).status_code == 302


def test_what_stands_there_now_is_said_in_words(cast: Cast) -> None:
    client = visit(cast, "directie")
    digest = {"digest_weekday": "4", "digest_hour": "12", "digest_titles_only": "on", "version": "0"}
    assert client.post(PAGE, digest).context["digest"].meanwhile == [
        ("Day of the weekly newsletter", "Friday"),
        ("Time of the weekly newsletter", "15.00"),
        ("Only titles in mails", "No"),
    ]
    assert dict(client.post(PAGE, FILLED | {"version": "0"}).context["form"].meanwhile)["Street and number"] == (
        "not filled in"
    )


# Names.


def test_the_directie_chooses_how_parents_read_somebody(cast: Cast) -> None:
    client = visit(cast, "directie")
    [teacher] = cast.teacher.staff_records.all()
    assert signature_page("teacher") in client.get(reverse("groups:staff_member", args=[teacher.uid])).content.decode()
    response = send(client, signature_page("teacher"), NAMED, follow=True)
    assert response.redirect_chain == [(reverse("groups:staff_member", args=[teacher.uid]), 302)]
    assert "juf Anna, leerkracht groep 4" in response.content.decode()
    signed = byline(user=cast.teacher, group=cast.groep_4, hat=Hat.STAFF)
    assert (signed.name, signed.function) == ("juf Anna", "leerkracht groep 4")


def test_a_teacher_chooses_the_own_name_on_the_own_page(cast: Cast) -> None:
    client = visit(cast, "teacher")
    assert f'action="{own_page("teacher")}"' in client.get(reverse("settings")).content.decode()
    response = send(client, own_page("teacher"), NAMED, follow=True)
    assert response.redirect_chain == [(reverse("settings"), 302)]
    assert 'value="juf Anna"' in response.content.decode()


def test_a_parent_has_no_such_form(cast: Cast) -> None:
    assert "How parents read my name" not in visit(cast, "mother").get(reverse("settings")).content.decode()


def test_the_trail_names_no_name_and_twice_is_once(cast: Cast) -> None:
    client = visit(cast, "teacher")
    for _ in range(2):
        send(client, own_page("teacher"), NAMED | {"function": record_of("teacher").function})
    event = AuditEvent.objects.get(verb="staff.changed")
    assert (event.facts, event.subject_uid) == ({"fields": ["display_name"]}, record_of("teacher").uid)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("display_name", "  ", "Type the name that parents know."),
        ("display_name", "...", "Type this in letters."),
        ("display_name", "juf\u200b Anna", "There is a character in it that we cannot show."),
        ("display_name", "j" * 121, "at most 120"),
        ("function", "", "Type what this person does at school."),
        ("function", "leer\x00kracht", "There is a character in it that we cannot show."),
    ],
)
def test_a_refused_name_comes_back_with_a_sentence(cast: Cast, field: str, value: str, sentence: str) -> None:
    before = record_of("teacher").display_name
    for name, url in [("directie", signature_page("teacher")), ("teacher", own_page("teacher"))]:
        response = send(visit(cast, name), url, NAMED | {field: value})
        body = response.content.decode()
        assert (response.status_code, sentence in body, 'id="fouten"' in body) == (422, True, True)
        assert all(kept in body for other, kept in NAMED.items() if other != field)
    assert record_of("teacher").display_name == before


def test_markup_in_a_name_is_text(cast: Cast) -> None:
    client = visit(cast, "directie")
    send(client, signature_page("teacher"), NAMED | {"display_name": "<b>juf</b>"})
    assert "&lt;b&gt;juf&lt;/b&gt;" in client.get(reverse("groups:staff")).content.decode()


def test_nobody_changes_the_name_of_somebody_else(cast: Cast) -> None:
    for name in ("teacher", "colleague", "mother", "ict", "directie_elsewhere"):
        client = visit(cast, name)
        for url in (signature_page("teacher_who_is_parent"), own_page("teacher_who_is_parent")):
            assert client.post(url, NAMED).status_code == 404, (name, url)
    for name in ("colleague", "mother", "directie_elsewhere", "anonymous"):
        with pytest.raises(PermissionDenied):
            change_signature(staff=record_of("teacher"), **NAMED, by=Actor(cast.user(name), Hat.ANY, timezone.now()))


def test_a_teacher_and_the_directie_name_the_same_person(cast: Cast) -> None:
    directie, teacher = visit(cast, "directie"), visit(cast, "teacher")
    shown = {"version": directie.get(signature_page("teacher")).context["form"]["version"].value()}
    send(teacher, own_page("teacher"), NAMED)
    late = directie.post(signature_page("teacher"), NAMED | {"display_name": "juf Anne"} | shown)
    assert late.status_code == 409
    assert late.context["form"].meanwhile == [("Name for parents and children", "juf Anna")]
    assert (record_of("teacher").display_name, 'value="juf Anne"' in late.content.decode()) == ("juf Anna", True)


def test_who_left_the_staff_signs_no_more(cast: Cast) -> None:
    for assignment in record_of("teacher").assignments.all():
        end_assignment(assignment=assignment, by=clock(timezone.now()))
    client = Client()
    client.force_login(cast.teacher, backend=SIGN_IN)
    assert client.post(own_page("teacher"), NAMED).status_code == 404


# The roster leaves alone what a person chose, and what nobody chose keeps following it.


def test_what_is_chosen_is_remembered_field_by_field(cast: Cast) -> None:
    function = record_of("teacher").function
    change_signature(staff=record_of("teacher"), display_name="juf Anna", function=function, by=clock(timezone.now()))
    assert (record_of("teacher").display_name_chosen, record_of("teacher").function_chosen) == (True, False)
    change_signature(staff=record_of("teacher"), **NAMED, by=clock(timezone.now()))
    assert record_of("teacher").function_chosen is (function != NAMED["function"])


ANNA = Teacher("T1", ("G4",), "anna@school.example")
MARRIED = replace(ANNA, last="Vos", groups=("G5",))


def take(teacher: Teacher) -> StaffMember:
    """Import a file of De Proef; returns its teacher."""
    pupils = tuple(Pupil(f"L{number}") for number in range(1, 8))
    roster = edexml.parse(bytes(Edex(pupils, [teacher])))
    order = RosterImport(school=read_school_code("99XX"), roster=roster, create_school="De Proef")
    import_roster(order=order, by=clock(NOW))
    return StaffMember.objects.get(school__brin="99XX")


@pytest.mark.parametrize(
    ("chosen", "after"),
    [
        ({}, ("Anna Vos", "leerkracht groep 5")),
        ({"display_name": "juf Anna"}, ("juf Anna", "leerkracht groep 5")),
        ({"function": "leesjuf"}, ("Anna Vos", "leesjuf")),
        ({"display_name": "juf Anna", "function": "leesjuf"}, ("juf Anna", "leesjuf")),
    ],
)
def test_the_next_file_overwrites_no_choice(cast: Cast, chosen: dict[str, str], after: tuple[str, str]) -> None:
    anna = take(ANNA)
    words = {"display_name": anna.display_name, "function": anna.function} | chosen
    change_signature(staff=anna, **words, by=clock(NOW))
    anna = take(MARRIED)
    assert (anna.display_name, anna.function) == after


def test_the_official_name_is_a_choice_too(cast: Cast) -> None:
    anna = take(ANNA)
    for name in ("juf Anna", anna.full_name):
        change_signature(staff=anna, display_name=name, function=anna.function, by=clock(NOW))
    assert take(MARRIED).display_name == "Anna Bos"


def test_a_form_from_before_the_file_does_not_put_the_old_name_back(cast: Cast) -> None:
    anna = take(ANNA)
    take(MARRIED)
    with pytest.raises(EditedMeanwhileError):
        change_signature(
            staff=anna, version=anna.version, display_name="juf Anna", function=anna.function, by=clock(NOW)
        )
    assert take(MARRIED).function == "leerkracht groep 5"


def test_groups_are_read_by_kind_then_by_year_and_name(cast: Cast) -> None:
    for kind in ("pupils", "composite", "class"):
        for name in ("Zwaluwen", "Appels"):
            Group.objects.create(
                school=cast.linde,
                school_year=cast.groep_4.school_year,
                kind=kind,
                name=name,
                roster_key=kind + name,
                year_level="4",
            )
    groups = list(Group.objects.filter(school=cast.linde))
    kinds = ["class", "composite", "council", "staff", "school", "pupils"]
    expected = sorted(groups, key=lambda one: (kinds.index(one.kind), one.year_level, one.name, one.pk))
    assert {one.kind for one in groups} == set(kinds)
    assert list(Group.objects.filter(pk__in=[one.pk for one in groups]).in_reading_order()) == expected
