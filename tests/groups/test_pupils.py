"""A pupil of 16 or over, who decides alone, comes in with a letter, and nobody else does."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from groups.letters.services.invitations import (
    ColleagueAlreadyError,
    ExpiredCodeError,
    NotInvitableError,
    NotOpenYetError,
    NotThePupilError,
    OtherParentError,
    UsedCodeError,
    find_letter,
    print_letter,
    use_letter,
)
from groups.models import Child, Guardianship, Invitation, School
from groups.people.services.pupils import (
    letters_out,
    print_pupil_letters,
    pupils_in,
    pupils_of,
    unlink_pupil,
    withdraw_pupil_letter,
    without_letter,
)
from groups.records.policies import OwnFamilyError
from groups.roles import Hat
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor
from tests.groups.test_invitations import code_in
from tests.races import on_postgresql, together

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SIXTEEN_TODAY, SIXTEEN_TOMORROW = date(2010, 11, 20), date(2010, 11, 21)
BIRTHDAY = date(2010, 3, 3)


@pytest.fixture(autouse=True)
def _now_without_second_factor(settings) -> Iterator[None]:
    settings.KRING_SECOND_FACTOR = False
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def petra(small) -> Actor:
    return Actor(small.directie(), Hat.STAFF, NOW)


@pytest.fixture
def sanne(small) -> Child:
    return pupil(small, "Sanne")


def pupil(small: SmallSchool, name: str, born_on: date | None = BIRTHDAY) -> Child:
    child = small.child(name)
    Child.objects.filter(pk=child.pk).update(birth_on=born_on)
    child.refresh_from_db()
    return child


def client_of(user: User) -> Client:
    client = visitor()
    client.force_login(user)
    return client


def printed(child: Child, by: Actor) -> tuple[Invitation, str]:
    [(_, letter, code)] = print_pupil_letters(pupils=[child], by=by)
    return letter, code


def verbs(child: Child) -> list[str]:
    return list(AuditEvent.objects.filter(subject_uid=child.uid).order_by("pk").values_list("verb", flat=True))


def mailed(child: Child) -> list[str]:
    """Who hears that this pupil came in."""
    rows = OutboxItem.objects.filter(kind="pupil_arrived", subject_uid__in=child.invitations.values("uid"))
    return sorted(row.recipient.email for row in rows.select_related("recipient"))


# Who gets a letter.


def test_from_the_sixteenth_birthday_on_and_as_long_as_at_school(small, petra, sanne):
    today, tomorrow = pupil(small, "Ties", SIXTEEN_TODAY), pupil(small, "Fay", SIXTEEN_TOMORROW)
    left, unknown = pupil(small, "Job"), pupil(small, "Bo", None)
    Child.objects.filter(pk=left.pk).update(left_at=NOW)
    assert list(pupils_of(petra)) == [sanne, today]
    assert list(pupils_of(Actor(petra.user, Hat.STAFF, NOW + timedelta(days=1)))) == [tomorrow, sanne, today]
    for child in (tomorrow, left, unknown):
        with pytest.raises(NotInvitableError):
            printed(child, petra)
    page = client_of(petra.user).get(reverse("groups:pupils")).content.decode()
    assert ("Sanne" in page, "Ties" in page, "Fay" in page, "Job" in page) == (True, True, False, False)


def test_only_the_directie_and_not_for_the_own_child(small, petra, sanne):
    teacher = come_in(small.staff("juf@school.example", group=small.group))
    ict = come_in(small.staff("ict@school.example", "ict"))
    elsewhere = SmallSchool.make("99YY").directie("elders@school.example")
    letter, _ = printed(sanne, petra)
    for user in (teacher, ict, elsewhere):
        by = Actor(user, Hat.STAFF, NOW)
        for act in (
            lambda by=by: print_pupil_letters(pupils=[sanne], by=by),
            lambda by=by: withdraw_pupil_letter(pupil=sanne, by=by),
            lambda by=by: unlink_pupil(pupil=sanne, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert client_of(user).get(reverse("groups:pupil", args=[sanne.uid])).status_code == 404
        assert client_of(user).get(reverse("groups:print_pupils") + f"?wie={sanne.uid}").status_code == 404
    own = small.caregiver(sanne)
    own.user, own.joined_at = petra.user, NOW
    own.save()
    for act in (print_pupil_letters, withdraw_pupil_letter, unlink_pupil):
        with pytest.raises(OwnFamilyError):
            act(**({"pupils": [sanne]} if act is print_pupil_letters else {"pupil": sanne}), by=petra)
    page = client_of(petra.user).get(reverse("groups:pupil", args=[sanne.uid])).content.decode()
    assert ("Your own child" in page, "Make a letter" in page) == (True, False)
    assert list(without_letter(actor=petra)) == []
    assert Invitation.objects.get(pk=letter.pk).state == "open"


def test_a_school_that_is_not_open_prints_none(small, petra, sanne):
    School.objects.update(opened_at=None)
    with pytest.raises(NotOpenYetError):
        printed(sanne, petra)
    url = reverse("groups:print_pupils") + f"?wie={sanne.uid}"
    assert "There is no letter to make" in client_of(petra.user).get(url).content.decode()


# Coming in.


def test_the_letter_lets_the_pupil_in_and_parents_and_teachers_hear_it(small, petra, sanne, mailoutbox):
    mother = come_in(small.caregiver(sanne, "karima@thuis.example"))
    come_in(small.caregiver(sanne, "opa@thuis.example", level="admitted_reader"))
    come_in(small.caregiver(small.child("Noor"), "ander@thuis.example"))
    juf = come_in(small.staff("juf@school.example", group=small.group))
    letter, code = printed(sanne, petra)
    assert code not in str(vars(letter))
    assert find_letter(code=code) == letter
    user = account("sanne@mail.example")
    assert use_letter(letter=letter.uid, user=user, now=LATER) == sanne
    assert use_letter(letter=letter.uid, user=user, now=LATER) == sanne
    with pytest.raises(UsedCodeError):
        use_letter(letter=letter.uid, user=account("ander@mail.example"), now=LATER)
    sanne.refresh_from_db()
    assert (sanne.user, User.objects.get(pk=user.pk).name) == (user, sanne.full_name)
    assert verbs(sanne) == ["pupil.letter_printed", "pupil.claimed"]
    assert mailed(sanne) == [juf.email, mother.email]
    outbox.sweep(now=datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    told = {message.to[0]: message for message in mailoutbox if "Sanne" in message.body}
    assert sorted(told) == [juf.email, mother.email]
    for message in told.values():
        assert "Sanne" not in message.subject
        assert "Was it not Sanne? Call the school." in message.body
        assert user.email not in message.body
    assert pupils_in(actor=petra) == {"total": 1, "reached": 1}


def test_who_is_no_parent_or_teacher_any_more_hears_nothing(small, petra, sanne, mailoutbox):
    come_in(small.caregiver(sanne, "karima@thuis.example"))
    use_letter(letter=printed(sanne, petra)[0].uid, user=account("sanne@mail.example"), now=LATER)
    assert mailed(sanne) == ["karima@thuis.example"]
    Guardianship.objects.filter(child=sanne).update(valid_until=LATER)
    access.reproject(school=small.school)
    outbox.sweep(now=LATER)
    assert [message for message in mailoutbox if "Sanne" in message.body] == []


def test_the_pupil_lands_where_a_pupil_lands_and_sees_no_more(small, petra, sanne):
    user = account("sanne@mail.example")
    use_letter(letter=printed(sanne, petra)[0].uid, user=user, now=NOW)
    client = client_of(user)
    home = client.get("/").content.decode()
    assert reverse("consent:own_choices") in home
    assert sanne.first_name in client.get(reverse("consent:own_choices")).content.decode()
    for route in ("people", "pupils", "print_pupils", "staff"):
        assert client.get(reverse(f"groups:{route}")).status_code == 404
    assert client.get(reverse("groups:pupil", args=[sanne.uid])).status_code == 404
    assert list(user.memberships.all()) == []


@pytest.mark.django_db(transaction=True)
def test_at_the_door_code_birthday_and_address(small, petra, sanne, mailoutbox: list[EmailMessage]):
    letter, code = printed(sanne, petra)
    client, url = visitor(), reverse("groups:letter")
    typed = {"code": code, "born_on": "3-3-2010", "email": "sanne@mail.example"}
    for wrong in ({"code": "AAAABBBB"}, {"born_on": "4-3-2010"}):
        answer = client.post(url, typed | wrong)
        assert (answer.status_code, "This does not work." in answer.content.decode()) == (422, True)
    assert client.post(url, typed)["Location"] == reverse("account_confirm_login_code")
    outbox.sweep(now=NOW)
    (message,) = [one for one in mailoutbox if one.to == ["sanne@mail.example"]]
    digits = code_in(message)
    client.post(reverse("account_confirm_login_code"), {"code": digits})
    assert Child.objects.get(pk=sanne.pk).user.email == "sanne@mail.example"
    assert reverse("consent:own_choices") in client.get("/").content.decode()
    used = visitor().post(url, typed | {"email": "ander@mail.example"})
    assert (used.status_code, "This does not work." in used.content.decode()) == (422, True)
    assert Invitation.objects.get(pk=letter.pk).state == "used"


def test_who_is_in_already_types_no_address(small, petra, sanne):
    """Seventeen, and herself the mother of a child at the school: the account is hers, and is both."""
    user = come_in(small.caregiver(small.child("Baby"), "sanne@mail.example", first_name="Sanne"))
    _, code = printed(sanne, petra)
    client = client_of(user)
    answer = client.post(reverse("groups:letter"), {"code": code, "born_on": "3-3-2010"})
    assert answer["Location"] == "/"
    assert Child.objects.get(pk=sanne.pk).user == user
    assert reverse("consent:own_choices") in client.get(reverse("settings")).content.decode()


# Who does not come in.


def test_another_letter_withdraws_the_first_and_so_does_the_directie(small, petra, sanne):
    first, _ = printed(sanne, petra)
    second, _ = printed(sanne, petra)
    user = account("sanne@mail.example")
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=first.uid, user=user, now=NOW)
    assert list(letters_out([sanne], now=NOW).values()) == [second]
    client, url = client_of(petra.user), reverse("groups:pupil", args=[sanne.uid])
    assert client.post(url, {"act": "withdraw"}).status_code == 302
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=second.uid, user=user, now=NOW)
    assert letters_out([sanne], now=NOW) == {}
    assert verbs(sanne) == [
        "pupil.letter_printed", "pupil.letter_withdrawn", "pupil.letter_printed", "pupil.letter_withdrawn",
    ]  # fmt: skip


def test_a_letter_is_good_for_four_weeks_to_the_second(small, petra, sanne):
    letter, _ = printed(sanne, petra)
    end = NOW + timedelta(days=28)
    assert list(without_letter(actor=Actor(petra.user, Hat.STAFF, end - timedelta(seconds=1)))) == []
    assert list(without_letter(actor=Actor(petra.user, Hat.STAFF, end))) == [sanne]
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=letter.uid, user=account("te@laat.example"), now=end)
    assert use_letter(letter=letter.uid, user=account("net@tijd.example"), now=end - timedelta(seconds=1)) == sanne


@pytest.mark.parametrize("change", [{"left_at": NOW}, {"birth_on": SIXTEEN_TOMORROW}, {"birth_on": None}])
def test_who_left_or_turns_out_to_be_younger_does_not_come_in(small, petra, sanne, change):
    letter, _ = printed(sanne, petra)
    Child.objects.filter(pk=sanne.pk).update(**change)
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=letter.uid, user=account("sanne@mail.example"), now=NOW)


def test_nobody_of_the_family_or_the_staff_and_no_other_pupil(small, petra, sanne):
    letter, code = printed(sanne, petra)
    mother = come_in(small.caregiver(sanne, "karima@thuis.example"))
    small.caregiver(sanne, "vader@thuis.example")
    ties = pupil(small, "Ties")
    other = account("ties@mail.example")
    use_letter(letter=printed(ties, petra)[0].uid, user=other, now=NOW)
    for user in (mother, account("vader@thuis.example"), other):
        with pytest.raises(NotThePupilError):
            use_letter(letter=letter.uid, user=user, now=NOW)
    with pytest.raises(ColleagueAlreadyError):
        use_letter(letter=letter.uid, user=petra.user, now=NOW)
    answer = client_of(mother).post(reverse("groups:letter"), {"code": code, "born_on": "3-3-2010"})
    assert (answer.status_code, "This letter is for the pupil." in answer.content.decode()) == (422, True)
    assert Invitation.objects.get(pk=letter.pk).state == "open"
    assert Child.objects.get(pk=sanne.pk).user is None


def test_a_pupil_is_never_an_own_parent(small, petra, sanne):
    """With the letter of the mother, or an address that a later list gives to her."""
    user = account("sanne@mail.example")
    use_letter(letter=printed(sanne, petra)[0].uid, user=user, now=NOW)
    mother = small.caregiver(sanne)
    letter, _ = print_letter(guardianship=Guardianship.objects.get(caregiver=mother), by=petra)
    with pytest.raises(OtherParentError):
        use_letter(letter=letter.uid, user=user, now=NOW)


@on_postgresql
def test_two_schools_that_let_one_account_in_at_once(small, petra, sanne):
    elsewhere = SmallSchool.make("98XX")
    ties, user = pupil(elsewhere, "Ties"), account("sanne@mail.example")
    letters = [printed(sanne, petra)[0], printed(ties, Actor(elsewhere.directie(), Hat.STAFF, NOW))[0]]
    save = Child.save

    def slowly(child: Child, **options: Any) -> None:
        time.sleep(0.5)
        save(child, **options)

    with patch.object(Child, "save", slowly):
        answers = together(*[partial(use_letter, letter=letter.uid, user=user, now=NOW) for letter in letters])
    assert sorted(type(answer).__name__ for answer in answers) == ["Child", "NotThePupilError"]


# The pages.


def test_the_sheet_shows_its_codes_once_and_on_paper_only(small, petra, sanne):
    ties = pupil(small, "Ties")
    client, url, key = client_of(petra.user), reverse("groups:print_pupils"), {"key": str(uuid4())}
    codes = re.findall(r'class="big only-paper">([A-Z2-9]{4}-[A-Z2-9]{4})<', client.post(url, key).content.decode())
    assert [find_letter(code=code).child for code in codes] == [sanne, ties]
    again = client.post(url, key, follow=True).content.decode()
    assert [code in again for code in codes] == [False, False]
    assert Invitation.objects.filter(child__isnull=False).count() == 2
    assert "There is no letter to make" in client.get(url).content.decode()
    assert client.get(f"{url}?wie={sanne.uid}").status_code == 200
    assert client.get(f"{url}?wie=geen").status_code == 404


def test_the_way_there_stands_only_where_somebody_is_sixteen(small, petra):
    client, way = client_of(petra.user), reverse("groups:pupils")
    assert way not in client.get(reverse("groups:people")).content.decode()
    pupil(small, "Sanne")
    assert way in client.get(reverse("groups:people")).content.decode()
