"""The roster by page: hand in, look, confirm; once, whoever clicks how often; and the files go."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groups import tasks
from groups.letters.services.invitations import print_letter
from groups.models import (
    Caregiver,
    Child,
    Group,
    Guardianship,
    Invitation,
    Level,
    RosterUpload,
    School,
    StaffAssignment,
    StaffMember,
    UploadState,
)
from groups.people.services.guardianships import decide_guardianship
from groups.people.services.shields import shield_child
from groups.roles import Hat, Role
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.services import roster_reading, roster_uploads, roster_work
from groups.roster.services.postal_addresses import forget_phones, forget_postal_addresses
from groups.roster.services.roster_report import in_order
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import AuditEvent, User
from tests import rows
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of, sample
from tests.groups.small_school import SmallSchool, come_in, visitor
from tests.groups.workbooks import bomb, workbook_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAGE = "/school/mensen/invoer/"
TEN = tuple(Pupil(f"L{number}") for number in range(1, 11))
EDEX = Edex(TEN)
MOTHER = Parent("L1", "Karima", "karima@thuis.example")
FATHER = Parent("L2", "Said", "said@thuis.example", relation="vader")


@pytest.fixture(autouse=True)
def _now_without_second_factor(settings, tmp_path) -> Iterator[None]:
    settings.KRING_SECOND_FACTOR = False
    settings.KRING_DATA_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def directie(small) -> Client:
    return client_of(small, "directie@school.example")


def client_of(school: SmallSchool, email: str) -> Client:
    client = visitor()
    client.force_login(school.directie(email))
    return client


def file(content: bytes, name: str = "99XX.xml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def handed(edex: Edex | bytes | None = None, listed: bytes | None = None, name: str = "lijst.csv") -> dict:
    form = {"key": str(uuid4())}
    if edex is not None:
        form["roster"] = file(bytes(edex))
    if listed is not None:
        form["caregivers"] = file(listed, name)
    return form


def hand_in(client: Client, *args, **more) -> RosterUpload:
    """Hand in and let the task read it."""
    response = client.post(PAGE, handed(*args, **more))
    assert response.status_code == 302, response.content.decode()
    found = RosterUpload.objects.get(uid=response["Location"].rstrip("/").rsplit("/", 1)[-1])
    return work(found)


def work(upload: RosterUpload) -> RosterUpload:
    tasks.work_on_roster(upload.pk)
    upload.refresh_from_db()
    return upload


def confirm(client: Client, upload: RosterUpload, **form):
    return client.post(
        reverse("groups:confirm_roster", args=[upload.uid]), {"shown": upload.fingerprint, **form}, follow=True
    )


def take_over(client: Client, *args, **more) -> RosterUpload:
    upload = hand_in(client, *args, **more)
    confirm(client, upload)
    return work(upload)


def text(client: Client, upload: RosterUpload) -> str:
    response = client.get(reverse("groups:roster_upload", args=[upload.uid]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def imports(small: SmallSchool, verb: str = "roster.imported") -> int:
    return AuditEvent.objects.filter(verb=verb, school_uid=small.school.uid).count()


def files() -> list[Path]:
    return list(roster_uploads.folder().iterdir())


def letters_of(client: Client, upload: RosterUpload) -> list[str]:
    """Where the page of an import that was taken over leads for its letters."""
    body = client.get(reverse("groups:roster_upload", args=[upload.uid])).content.decode()
    return [unescape(url) for url in re.findall(r'href="(/[^"]*brie[^"]*)"', body)]


def printed_from(client: Client, upload: RosterUpload) -> set[str]:
    """For whom the one link to letters makes them."""
    [url] = letters_of(client, upload)
    return {row.caregiver.first_name for row in client.get(url).context["rows"]}


# The way of most files.


def test_what_went_wrong_waits_until_that_school_hands_in_anew(directie: Client, small: SmallSchool) -> None:
    other = rows.school("99YY", "De Andere")

    def handed_in(school: School, state: UploadState, seconds: int) -> RosterUpload:
        at = NOW + timedelta(seconds=seconds)
        facts = {"uploaded_by": User.objects.earliest("pk"), "uploaded_at": at, "settled_at": at}
        return RosterUpload.objects.create(school=school, state=state, **facts)

    failed = handed_in(small.school, UploadState.FAILED, 0)
    handed_in(other, UploadState.APPLIED, 1)
    assert list(RosterUpload.objects.unsettled()) == [failed]
    handed_in(small.school, UploadState.APPLIED, 2)
    assert not RosterUpload.objects.unsettled().exists()


def test_nothing_changes_before_somebody_confirms(directie, small):
    upload = hand_in(directie, EDEX, csv_of([MOTHER]))
    assert upload.state == UploadState.PLANNED
    assert not small.school.child_set.exists()
    said = text(directie, upload)
    assert "10 children" in said
    assert "Groep 4 (10)" in said
    assert "Kind L1 van den Berg" in said
    assert "99XX.xml, lijst.csv" in said


def test_confirmed_it_is_taken_over_and_the_letters_are_offered(directie, small):
    upload = take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    assert upload.state == UploadState.APPLIED
    assert small.school.child_set.filter(left_at=None).count() == 10
    said = text(directie, upload)
    assert "There are 2 new families." in said
    assert "Letters for groep 4" in said
    assert printed_from(directie, upload) == {"Karima", "Said"}
    assert not any(access.drift().values())


def test_brothers_and_sisters_are_one_new_family(directie, small):
    both = [replace(parent, child=child) for parent in (MOTHER, FATHER) for child in ("L1", "L2")]
    said = text(directie, take_over(directie, EDEX, csv_of(both)))
    assert "There is 1 new family." in said


def said_of_next_day(listed, directie, small):
    """What stands there after this list of caregivers was taken over, a day after the first."""
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        upload = take_over(client_of(small, "tweede@school.example"), None, csv_of(listed))
        return text(directie, upload)


def test_a_second_parent_or_a_younger_child_is_no_new_family(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER]))
    later = [MOTHER, replace(MOTHER, child="L3"), replace(FATHER, child="L1"), replace(FATHER, child="L3")]
    said = said_of_next_day(later, directie, small)
    assert "new famil" not in said
    assert "Letters for groep 4" in said


def test_a_child_of_somebody_who_is_in_and_of_another_parent_is_a_new_family(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    come_in(Caregiver.objects.get(email=FATHER.email))
    lotte = replace(MOTHER, child="L3", first="Lotte", email="lotte@thuis.example")
    listed = [MOTHER, FATHER, lotte, replace(FATHER, child="L3")]
    said = said_of_next_day(listed, directie, small)
    assert "There is 1 new family." in said
    assert "Letters for groep 4" in said


def test_a_new_family_whose_parents_are_in_needs_no_letter(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    for parent in (MOTHER, FATHER):
        come_in(Caregiver.objects.get(email=parent.email))
    listed = [MOTHER, FATHER, replace(MOTHER, child="L3"), replace(FATHER, child="L3")]
    said = said_of_next_day(listed, directie, small)
    assert "There is 1 new family." in said
    assert "Nobody needs a new letter because of this list." in said


def test_a_code_that_lies_at_home_stays_good(directie, small):
    """The page led to the letters of the whole group, and those made every earlier code useless."""
    take_over(directie, EDEX, csv_of([MOTHER]))
    known = Guardianship.objects.get(caregiver__email=MOTHER.email, child__roster_key="L1", child__school=small.school)
    letter, _ = print_letter(guardianship=known, by=Actor(small.directie("directie@school.example"), Hat.ANY, NOW))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        later = client_of(small, "tweede@school.example")
        upload = take_over(later, None, csv_of([MOTHER, replace(MOTHER, child="L2"), replace(FATHER, child="L3")]))
        [url] = letters_of(later, upload)
        assert {row.child.roster_key for row in later.get(url).context["rows"]} == {"L2", "L3"}
        later.post(url, {"key": uuid4()})
    assert Invitation.objects.usable(now=NOW + timedelta(days=1)).filter(pk=letter.pk).exists()


def test_more_letters_than_can_be_chosen_are_those_of_the_group(directie, small, monkeypatch):
    monkeypatch.setattr(roster_work, "MOST_CHOSEN", 1)
    upload = take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    group = Group.objects.get(school=small.school, roster_key="G4")
    assert letters_of(directie, upload) == [reverse("groups:print_group", args=[group.uid])]


def test_a_child_without_a_group_gets_its_letters_now(directie, small):
    """It read that the letters wait for the school year, in the middle of that year."""
    upload = take_over(directie, EDEX.having(pupils=[Pupil("L1", "")]), csv_of([MOTHER]))
    said = text(directie, upload)
    assert "Letters for who is in no group" in said
    assert "once the new school year has begun" not in said
    assert printed_from(directie, upload) == {"Karima"}


def test_next_years_new_children_get_their_letters_then(directie, small):
    upload = take_over(directie, EDEX.having(year=2027), csv_of([MOTHER]))
    assert "Print the letters once the new school year has begun." in text(directie, upload)
    assert letters_of(directie, upload) == []


def test_who_begins_with_the_next_year_reads_when_that_is(directie, small):
    """She who came in before August was asked for a letter with a code, as if school knew nothing of her."""
    teacher = Teacher("K1", ("G3",), "bo@school.example")
    take_over(directie, EDEX.having(year=2027, staff=[teacher]), csv_of([MOTHER, FATHER]))
    records = Caregiver.objects.get(first_name="Karima"), StaffMember.objects.get(roster_key="K1")
    for record, offers in zip(records, (True, False), strict=True):
        body = home_of(record)
        assert "From Sunday 1 August 2027 on you take part" in body
        assert ("/thuis/toestemming/" in body, "Type a code" in body) == (offers, False)
    with time_machine.travel(datetime(2027, 8, 2, 9, tzinfo=UTC), tick=False):
        assert "you take part" not in home_of(records[0])


def test_whose_child_left_takes_back_a_yes_when_nothing_is_to_read_any_more(directie, small):
    """The page of the choices was open still, and nothing led there."""
    take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    karima = Caregiver.objects.get(first_name="Karima")
    home_of(karima)
    take_over(directie, EDEX.having(pupils=TEN[1:]))
    assert "Nothing to read now" in home_of(karima)
    assert "/thuis/toestemming/" in home_of(karima)


def home_of(record: Caregiver | StaffMember) -> str:
    client = visitor()
    client.force_login(record.user or come_in(record))
    return client.get("/", follow=True).content.decode()


def test_two_with_one_address_both_need_a_letter_and_nobody_reads_otherwise(directie, small):
    """Above "give each of them a letter" stood that nobody needs one."""
    take_over(directie, EDEX, csv_of([MOTHER, FATHER]))
    said = said_of_next_day([MOTHER, replace(FATHER, email=MOTHER.email)], directie, small)
    assert "give each of them a letter" in said
    assert "Nobody needs" not in said


def test_a_new_colleague_who_knows_of_nothing_is_told_of(directie, small):
    upload = take_over(directie, EDEX.having(staff=[Teacher("K1", ("G4",), "anna@school.example")]))
    assert "1 colleague does not know about Kring yet." in text(directie, upload)
    StaffMember.objects.filter(roster_key="K1", school=small.school).update(told_at=NOW)
    again = take_over(directie, EDEX.having(staff=[Teacher("K1", ("G5",), "anna@school.example")]))
    assert "know about Kring" not in text(directie, again)


def test_the_same_files_again_change_nothing(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER]))
    upload = hand_in(directie, EDEX, csv_of([MOTHER]))
    said = text(directie, upload)
    assert "Nothing changes" in said
    assert "Take it over" not in said


def test_what_changes_nothing_leaves_the_desk_and_says_what_was_found(directie, small):
    """It stayed to be looked at for a day, and said that everything else is taken over."""
    take_over(directie, EDEX, csv_of([MOTHER]))
    upload = hand_in(directie, EDEX, csv_of([MOTHER, MOTHER]))
    said = text(directie, upload)
    assert "The same caregiver as on line 2; counted once." in said
    assert not any(words in said for words in ("Everything is right", "Everything else", "Take it over"))
    assert not RosterUpload.objects.unsettled().exists()
    assert files() == []
    roster_uploads.sweep_uploads(now=NOW + timedelta(hours=25))
    upload.refresh_from_db()
    assert "Kring had already" in text(directie, upload)


def test_what_was_taken_over_is_found_back_among_many_that_were_not(directie, small):
    """After five more of any kind nobody could find whose letters were still to print."""
    here, there = small.school, SmallSchool.make("99YY").school

    def put_in(school: School, state: UploadState, hours: int) -> RosterUpload:
        at = NOW - timedelta(hours=hours)
        facts = {"uploaded_by": User.objects.earliest("pk"), "uploaded_at": at, "settled_at": at}
        return RosterUpload.objects.create(school=school, state=state, **facts)

    older, last = put_in(here, UploadState.APPLIED, 300), put_in(here, UploadState.APPLIED, 200)
    elsewhere = put_in(there, UploadState.APPLIED, 400)
    today = [put_in(here, UploadState.APPLIED, hours) for hours in (20, 21)]
    refused = [put_in(here, UploadState.REFUSED, hours) for hours in range(6)]
    assert roster_uploads.recent_uploads([here], now=NOW) == [*refused[:5], *today]
    assert roster_uploads.recent_uploads([here, there], now=NOW) == [*refused[:5], *today, elsewhere]
    RosterUpload.objects.filter(pk__in=[one.pk for one in today]).delete()
    assert roster_uploads.recent_uploads([here], now=NOW) == [*refused[:5], last]
    assert older not in roster_uploads.recent_uploads([there], now=NOW)


def test_changed_moved_left_and_back_again(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER]))
    moved = [Pupil("L1", group="G5"), Pupil("L2", last="Smit"), *TEN[2:9]]
    said = text(directie, hand_in(directie, EDEX.having(pupils=moved)))
    assert "Kind L1 van den Berg (Groep 4 → Groep 5)" in said
    assert "Kind L2 van den Smit (last name)" in said
    assert "Kind L10 van den Berg" in said.partition("Ended or left")[2]
    take_over(directie, EDEX.having(pupils=TEN[:9]))
    assert "Kind L10" in text(directie, hand_in(directie, EDEX)).partition("Back again")[2]


def test_what_changes_is_told_from_what_to_what(directie, small):
    """ "authority" did not say whether somebody is let in or put out, nor "e-mail address" who reads there."""
    take_over(directie, EDEX.having(staff=[Teacher("K1", ("G4",))]), csv_of([MOTHER, FATHER]))
    StaffMember.objects.filter(roster_key="K1", school=small.school).update(roster_key="")
    listed = [replace(MOTHER, authority="nee"), replace(FATHER, email="nieuw@thuis.example")]
    member = StaffMember.objects.filter(first_name="Anna", last_name="Bos", school=small.school)
    member.update(email="anna@school.example")
    anna = Teacher("K2", ("G4",), "anna@school.example", last="Vos")
    said = text(directie, hand_in(directie, EDEX.having(staff=[anna]), csv_of(listed)))
    assert "Karima van den Berg – Kind L1 van den Berg (with authority → without authority)" in said
    assert "Said van den Berg (e-mail address → nieuw@thuis.example)" in said
    assert "Anna Vos (number in the administration, last name, name that parents read" in said


def test_a_file_for_next_year_says_so_and_has_no_letters_yet(directie, small):
    upload = hand_in(directie, EDEX.having(year=2027))
    assert "This file counts from 1 August 2027." in text(directie, upload)
    confirm(directie, upload)
    assert work(upload).state == UploadState.APPLIED


def test_problems_are_told_with_file_line_and_key(directie, small):
    upload = hand_in(directie, EDEX.having(pupils=[*TEN, Pupil("L11", group="G9")]))
    said = text(directie, upload)
    assert "1 thing to look at" in said
    assert re.search(r"99XX\.xml, line \d+, L11 Refers to group “G9”", said)


def test_a_refused_file_says_why_and_goes(directie, small):
    upload = hand_in(directie, EDEX.having(brin="99YY"))
    assert upload.state == UploadState.REFUSED
    assert "This file is of school 99YY00, and you are importing for school 99XX00." in text(directie, upload)
    assert files() == []


# Every new task, person and group by name, and which are the reader's own.


def own_part(client: Client, upload: RosterUpload) -> str:
    """What the page says of the reader, which stands before everything else; nothing when it says nothing."""
    said = text(client, upload)
    _, found, rest = said.partition("This is about you")
    return rest.partition(" New ")[0] if found else ""


def test_every_new_task_person_and_group_is_named(directie, small):
    anna, joost = Teacher("K1", ("G4",)), Teacher("K2", (), first="Joost")
    said = text(directie, hand_in(directie, EDEX.having(staff=[anna, joost]), csv_of([MOTHER])))
    assert "1 task of staff" not in said
    assert "2 tasks of staff Groep 4 (1) Anna Bos (teacher) Hele school (1) Joost Bos (colleague)" in said
    assert "Karima van den Berg – Kind L1 van den Berg (with authority)" in said
    assert "Koor 1" in said
    assert "Kind L3 van den Berg" in said.partition("places in groups")[2]
    assert own_part(directie, RosterUpload.objects.get()) == ""


def test_a_head_who_is_named_as_teacher_reads_so_first(directie, small):
    """Her own key, in the file that she puts in herself; a colleague of the directie reads it of her, as of others."""
    key = StaffMember.objects.get(email="directie@school.example").roster_key
    head = Teacher(key, ("G4",), "directie@school.example", last="de Vries")
    upload = hand_in(directie, EDEX.having(staff=[head, Teacher("K2", ("G5",))]))
    assert "You get a task: teacher, Groep 4" in own_part(directie, upload)
    assert "Groep 5" not in own_part(directie, upload)
    other = client_of(small, "adjunct@school.example")
    assert own_part(other, upload) == ""
    assert "Anna de Vries (teacher)" in text(other, upload)


def test_a_new_record_with_an_address_of_the_reader_is_the_readers_own(directie, small):
    """Whoever signs in with that address claims it; a caregiver's record too."""
    EmailAddress.objects.create(
        user=User.objects.get(email="directie@school.example"), email="thuis@prive.example", verified=True
    )
    own = Teacher("K9", ("G4",), "thuis@prive.example", first="Petra")
    listed = csv_of([Parent("L1", "Petra", "thuis@prive.example"), Parent("L2", "Said", "said@thuis.example")])
    said = own_part(directie, hand_in(directie, EDEX.having(staff=[own]), listed))
    assert "You get a task: teacher, Groep 4" in said
    assert "New: Petra van den Berg – Kind L1 van den Berg (with authority)" in said
    assert "Said" not in said


def test_who_was_invited_by_hand_and_stands_in_the_file_reads_so(directie, small):
    StaffMember.objects.filter(email="directie@school.example").update(roster_key="")
    head = Teacher("K7", ("G4",), "directie@school.example", last="de Vries")
    assert "You get a task: teacher, Groep 4" in own_part(directie, hand_in(directie, EDEX.having(staff=[head])))


def test_an_own_task_that_ends_is_the_readers_own(directie, small):
    key = StaffMember.objects.get(email="directie@school.example").roster_key
    head = Teacher(key, ("G4",), "directie@school.example", last="de Vries")
    take_over(directie, EDEX.having(staff=[head, Teacher("K2", ("G5",))]))
    upload = hand_in(directie, EDEX.having(staff=[Teacher("K2", ("G5",))]))
    assert "Your task ends: teacher, Groep 4" in own_part(directie, upload)


def test_a_long_list_folds_and_leaves_nobody_out(directie, small):
    many = tuple(Pupil(f"M{number}", first=f"Kind{number:03}") for number in range(400))
    upload = hand_in(directie, EDEX.having(pupils=many))
    said = text(directie, upload)
    assert [name for name in (f"Kind{number:03}" for number in range(400)) if name not in said] == []
    assert "and 1" not in said
    assert 'class="fold"' in directie.get(reverse("groups:roster_upload", args=[upload.uid])).content.decode()


# The extended list of caregivers: what of it is proposed, and what is not even read.


def extended(*rows: str) -> bytes:
    titles = "Leerlingnummer;Verzorger voornaam;Verzorger achternaam;E-mail;Relatie;Wettelijk gezag;Mobiel;Straat;"
    return "\r\n".join((titles + "Geheim adres;Dagelijkse verzorging", *rows)).encode()


def test_who_cares_daily_without_authority_waits_for_the_directie(directie, small):
    listed = extended("L1;Ria;Bos;;pleegouder;nee;06-00000000;Laan;nee;ja", "L2;Kees;Bos;;vader;nee;;;nee;nee")
    upload = hand_in(directie, EDEX, listed)
    assert "Daily carer” is one of the answers" in text(directie, upload)
    confirm(directie, upload)
    work(upload)
    levels = Guardianship.objects.filter(child__school=small.school).values_list("caregiver__first_name", "level")
    assert dict(levels) == {"Ria": "unverified", "Kees": "without_authority"}
    assert "Nothing changes" in text(directie, hand_in(directie, EDEX, listed))


def test_a_secret_address_proposes_the_shield_until_somebody_decided(directie, small):
    listed = extended("L1;Ria;Bos;;moeder;ja;06-00000000;Geheimelaan;ja;ja", "L2;Kees;Bos;;vader;ja;;Laan;nee;ja")
    upload = take_over(directie, EDEX, listed)
    proposed = [one for one in upload.outcome["problems"] if one["complaint"] == "SECRET_ADDRESS"]
    assert [(one["key"], one["line"]) for one in proposed] == [("L1", 2)]
    assert "Geheimelaan" not in str(upload.outcome)
    child = small.school.child_set.get(roster_key="L1")
    shield_child(
        child=child, reason="Opvang.", by=Actor(User.objects.get(email="directie@school.example"), Hat.ANY, NOW)
    )
    again = hand_in(directie, EDEX, listed)
    assert [one for one in again.outcome["problems"] if one["complaint"] == "SECRET_ADDRESS"] == []


def test_the_postal_address_serves_letters_until_the_household_is_secret_or_gone(directie, small):
    def lives(name):
        return Caregiver.objects.get(school=small.school, first_name=name).postal_address

    titles = "Leerlingnummer;Verzorger voornaam;Verzorger achternaam;E-mail;Relatie;Wettelijk gezag;Straat;Huisnummer;"
    titles += "Toevoeging;Postcode;Plaats;Geheim adres"
    ria, kees = (
        "L1;Ria;Bos;;moeder;ja;Geheimelaan;2;b;9999 XX;Dorp;nee",
        "L2;Kees;Bos;;vader;ja;Laan;1;;9999 XX;Dorp;nee",
    )
    listed = "\r\n".join((titles, ria, kees)).encode()
    take_over(directie, EDEX, listed)
    assert (lives("Ria"), lives("Kees")) == ("Geheimelaan 2 b\n9999 XX Dorp", "Laan 1\n9999 XX Dorp")
    assert "Nothing changes" in text(directie, hand_in(directie, EDEX, listed))
    take_over(directie, EDEX, extended("L1;Ria;Bos;;moeder;ja;;;nee;ja", "L2;Kees;Bos;;vader;ja;;;nee;ja"))
    assert lives("Kees") == "Laan 1\n9999 XX Dorp", "a list that says no place says nothing of where somebody lives"
    row = Guardianship.objects.get(caregiver__first_name="Kees", child__school=small.school)
    letter = directie.post(reverse("groups:print_one", args=[row.uid]), {"key": uuid4()}, follow=True).content.decode()
    assert "Laan 1<br>9999 XX Dorp" in letter
    take_over(directie, EDEX, listed.replace(b"9999 XX;Dorp;nee", b"9999 XX;Dorp;ja", 1))
    assert (lives("Ria"), lives("Kees")) == ("", "Laan 1\n9999 XX Dorp")
    assert forget_postal_addresses(now=NOW) == 0
    Guardianship.objects.filter(pk=row.pk).update(valid_until=NOW)
    assert forget_postal_addresses(now=NOW) == 1
    assert lives("Kees") == ""


def test_the_number_to_phone_is_the_mobile_or_that_at_home_until_the_caregiver_goes(directie, small):
    def numbers():
        rows = Caregiver.objects.filter(school=small.school, first_name__in=("Ria", "Kees"))
        return dict(rows.values_list("first_name", "phone"))

    titles = "Telefoon thuis;Leerlingnummer;Verzorger voornaam;Verzorger achternaam;E-mail;Relatie;Wettelijk gezag;"
    titles += "Mobiel;Geheim adres"
    ria, kees = "0597-000001;L1;Ria;Bos;;moeder;ja;+31 6 00000001;ja", "0597-000002;L2;Kees;Bos;;vader;ja;;nee"
    listed = "\r\n".join((titles, ria, kees)).encode()
    take_over(directie, EDEX, listed)
    assert numbers() == {"Ria": "+31 6 00000001", "Kees": "0597-000002"}
    assert "Nothing changes" in text(directie, hand_in(directie, EDEX, listed))
    silent = b"\r\n".join(b";".join(line.split(b";")[1:7]) for line in listed.splitlines())
    take_over(directie, EDEX, silent)
    assert numbers()["Kees"] == "0597-000002", "a list without these columns says nothing of numbers"
    take_over(directie, EDEX, listed.replace(b"0597-000002", b""))
    assert numbers()["Kees"] == ""
    assert forget_phones(now=NOW) == 0
    Guardianship.objects.filter(caregiver__first_name="Ria", child__school=small.school).update(valid_until=NOW)
    assert forget_phones(now=NOW) == 1
    assert numbers() == {"Ria": "", "Kees": ""}


HOME = "Leerlingnummer;Verzorger voornaam;Verzorger achternaam;E-mail;Relatie;Wettelijk gezag;Mobiel;Straat;Postcode;"
HOME += "Plaats;Huisnummer"


def homes(small: SmallSchool) -> dict[str, tuple[str, bool]]:
    """The number to phone, and whether there is a postal address, of each caregiver."""
    rows = Caregiver.objects.filter(school=small.school).values_list("first_name", "phone", "postal_address")
    return {name: (phone, bool(address)) for name, phone, address in rows}


def forget_homes(now: datetime = NOW) -> None:
    forget_phones(now=now)
    forget_postal_addresses(now=now)


def listed_at_home(*said: str) -> bytes:
    """One caregiver a child: the first name, and what the list says of the authority."""
    named = [one.partition(" ") for one in said]
    lines = (
        f"L{number};{name};Bos;;vader;{authority};06-{number};Laan;9999 XX;Dorp;{number}"
        for number, (name, _, authority) in enumerate(named, 1)
    )
    return "\r\n".join((HOME, *lines)).encode()


def test_nobody_keeps_the_number_or_address_of_whom_the_list_refuses(directie, small):
    listed = listed_at_home("Ria ja", "Kees nee", "Bo ")
    take_over(directie, EDEX, listed)
    assert homes(small) == {"Ria": ("06-1", True), "Kees": ("", False), "Bo": ("06-3", True)}
    take_over(directie, EDEX, listed_at_home("Ria nee", "Kees nee", "Bo "))
    forget_homes()
    assert homes(small) == {"Ria": ("", False), "Kees": ("", False), "Bo": ("06-3", True)}
    assert "Nothing changes" in text(directie, hand_in(directie, EDEX, listed_at_home("Ria nee", "Kees nee", "Bo ")))
    take_over(directie, EDEX, listed)
    assert homes(small)["Ria"] == ("06-1", True)


@pytest.mark.parametrize("level", [Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN])
def test_of_whom_the_directie_refused_the_address_is_there_for_the_letter_about_it(directie, small, level):
    listed = listed_at_home("Ria ja", "Kees ja")
    take_over(directie, EDEX, listed)
    row = Guardianship.objects.get(caregiver__first_name="Kees", child__school=small.school)
    decide_guardianship(
        guardianship=row, level=level, by=Actor(small.directie("directie@school.example"), Hat.ANY, NOW)
    )
    forget_homes()
    assert homes(small) == {"Ria": ("06-1", True), "Kees": ("", True)}
    forget_homes(NOW + timedelta(weeks=6, seconds=1))
    assert homes(small)["Kees"] == ("", False)
    assert "Nothing changes" in text(directie, hand_in(directie, EDEX, listed))


def test_of_whom_the_directie_refused_and_who_reads_it_in_kring_no_address_stays(directie, small):
    take_over(directie, EDEX, listed_at_home("Ria ja"))
    row = Guardianship.objects.get(caregiver__first_name="Ria", child__school=small.school)
    Caregiver.objects.filter(pk=row.caregiver_id).update(user=User.objects.create(email="ria@x.example"), joined_at=NOW)
    by = Actor(small.directie("directie@school.example"), Hat.ANY, NOW)
    decide_guardianship(guardianship=row, level=Level.WITHOUT_AUTHORITY, by=by)
    forget_homes()
    assert homes(small) == {"Ria": ("", False)}


def test_whom_one_child_refuses_and_another_does_not_is_reached(directie, small):
    listed = "\r\n".join(
        (
            HOME,
            *(
                f"{key};Ria;Bos;ria@x.example;moeder;{says};06-1;Laan;9999 XX;Dorp;1"
                for key, says in (("L1", "ja"), ("L2", "nee"))
            ),
        )
    )
    take_over(directie, EDEX, listed.encode())
    forget_homes()
    assert homes(small) == {"Ria": ("06-1", True)}


def test_of_a_shielded_household_no_address_comes_in_by_a_list_about_a_brother_alone(directie, small):
    listed = "\r\n".join((HOME, *(f"L{one};Ria;Bos;ria@x.example;moeder;ja;06-1;Laan;9999 XX;Dorp;1" for one in "12")))
    take_over(directie, EDEX, listed.encode())
    by = Actor(User.objects.get(email="directie@school.example"), Hat.ANY, NOW)
    shield_child(child=small.school.child_set.get(roster_key="L1"), reason="Opvang.", by=by)
    forget_homes()
    assert homes(small) == {"Ria": ("06-1", False)}
    lines = listed.splitlines()
    take_over(directie, None, "\r\n".join((lines[0], lines[2])).encode())
    assert homes(small) == {"Ria": ("06-1", False)}


# Many leavers are asked about on their own.


def test_many_leavers_need_a_tick_of_their_own(directie, small):
    take_over(directie, EDEX)
    upload = hand_in(directie, EDEX.having(pupils=TEN[:5]))
    assert upload.state == UploadState.PLANNED
    assert "5 of the 10 pupils are not in this file." in text(directie, upload)
    response = confirm(directie, upload)
    assert response.status_code == 422
    assert work(upload).state == UploadState.PLANNED
    confirm(directie, upload, leavers="on")
    assert work(upload).state == UploadState.APPLIED
    assert small.school.child_set.filter(left_at=None).count() == 5


def test_few_leavers_are_no_question(directie, small):
    take_over(directie, EDEX)
    upload = hand_in(directie, EDEX.having(pupils=TEN[:8]))
    assert "really left" not in text(directie, upload)


def test_many_colleagues_who_are_missing_need_a_tick_of_their_own(directie, small):
    """A part of the staff was put out, and nothing asked."""
    team = [Teacher(f"K{number}", first=f"Juf{number}") for number in range(6)]
    take_over(directie, EDEX.having(staff=team))
    upload = hand_in(directie, EDEX.having(staff=team[4:]))
    assert upload.state == UploadState.PLANNED
    assert "4 of the 6 colleagues are not in this file." in text(directie, upload)
    assert confirm(directie, upload).status_code == 422
    assert work(upload).state == UploadState.PLANNED
    confirm(directie, upload, colleagues="on")
    assert work(upload).state == UploadState.APPLIED
    serving = StaffMember.objects.serving(now=NOW).filter(school=small.school, roster_key__startswith="K")
    assert serving.count() == 2


# A list that puts many parents out is asked about on its own.

TWELVE = tuple(Pupil(f"L{number}") for number in range(1, 13))
SCHOOL_OF_TWELVE = Edex(TWELVE)


def parents_of(names: str, authority: str = "ja") -> bytes:
    each = (Parent(f"L{number}", name, authority=authority) for number, name in enumerate(names, 1))
    return csv_of(list(each))


@pytest.mark.parametrize(
    "listed",
    [parents_of("NOPQRSTUVWXY"), parents_of("LABCDEFGHIJK"), parents_of("ABCDEFGHIJKL", authority="")],
    ids=["of another school", "numbers that shifted a line", "no word about authority"],
)
def test_a_list_that_puts_the_parents_out_needs_a_tick_of_its_own(directie, small, listed):
    take_over(directie, SCHOOL_OF_TWELVE, parents_of("ABCDEFGHIJKL"))
    before = list(Guardianship.objects.admitted().open().order_by("pk").values_list("pk", flat=True))
    upload = hand_in(directie, None, listed)
    assert upload.state == UploadState.PLANNED
    assert "This list ends 12 of the 12 ties" in text(directie, upload)
    assert confirm(directie, upload).status_code == 422
    assert work(upload).state == UploadState.PLANNED
    assert list(Guardianship.objects.admitted().open().order_by("pk").values_list("pk", flat=True)) == before
    confirm(directie, upload, right_list="on")
    assert work(upload).state == UploadState.APPLIED


def test_a_list_that_puts_few_out_asks_nothing(directie, small):
    take_over(directie, SCHOOL_OF_TWELVE, parents_of("ABCDEFGHIJKL"))
    assert "right list" not in text(directie, hand_in(directie, None, parents_of("ABCDEFGHIJ")))
    assert "right list" not in text(directie, hand_in(directie, None, parents_of("NOPQRSTUVWKL")))


# A pupil number beside another name or birthday.

MILAN = EDEX.having(pupils=[replace(TEN[0], first="Milan", born="2015-05-01"), *TEN[1:]])
TWO_NUMBERS = MILAN.having(pupils=[*MILAN.pupils[:1], replace(TEN[1], last="Vos", prefix="", born=""), *TEN[2:]])


def test_a_number_used_again_gives_nobody_the_parents_of_another(directie, small):
    take_over(directie, EDEX, csv_of([MOTHER]))
    take_over(directie, EDEX.having(pupils=TEN[1:]))
    upload = hand_in(directie, MILAN)
    said = text(directie, upload)
    was, now = (day.replace("-", "\N{NON-BREAKING HYPHEN}") for day in ("01-03-2018", "01-05-2015"))
    assert f"L1: was Kind L1 van den Berg ({was}), who left, and is now Milan van den Berg ({now})" in said
    assert confirm(directie, upload).status_code == 422
    assert work(upload).state == UploadState.PLANNED
    assert not small.school.child_set.filter(first_name="Milan").exists()
    confirm(directie, upload, same=["L1"])
    assert work(upload).state == UploadState.APPLIED
    assert small.school.child_set.get(roster_key="L1").first_name == "Milan"
    assert AuditEvent.objects.filter(verb="roster.confirmed").latest("pk").facts["same_children"] == 1


def test_every_number_is_answered_for_itself(directie, small):
    take_over(directie, EDEX)
    upload = hand_in(directie, TWO_NUMBERS)
    said = confirm(directie, upload, same=["L2"])
    assert (said.status_code, said.context["form"]["same"].value()) == (422, ["L2"])
    assert "Is one of them another?" in said.content.decode()
    assert work(upload).state == UploadState.PLANNED
    confirm(directie, upload, same=["L1", "L2"])
    assert work(upload).state == UploadState.APPLIED


def test_an_ordinary_correction_is_no_question(directie, small):
    take_over(directie, EDEX)
    upload = take_over(directie, EDEX.having(pupils=[replace(TEN[0], first="Milan"), *TEN[1:]]))
    assert upload.state == UploadState.APPLIED
    assert "still the same child" not in text(directie, upload)


def test_an_answer_counts_for_what_was_asked(directie, small):
    """In the other tab the child left meanwhile: then one who came back is asked about, and nobody answered that."""
    take_over(directie, EDEX)
    upload = hand_in(directie, EDEX.having(pupils=[replace(TEN[0], first="Milan"), *TEN[1:]]))
    confirm(directie, upload)
    take_over(directie, EDEX.having(pupils=TEN[1:]))
    assert work(upload).state == UploadState.PLANNED
    assert [asked["key"] for asked in upload.outcome["same"]] == ["L1"]
    assert confirm(directie, upload).status_code == 422
    assert small.school.child_set.get(roster_key="L1").left_at


def test_with_what_is_wrong_as_well_the_files_are_refused(directie, small):
    take_over(directie, EDEX)
    stranger = replace(TEN[1], first="Sem", last="Prins", prefix="", born="2015-06-01")
    upload = hand_in(directie, MILAN.having(pupils=[MILAN.pupils[0], stranger, *TEN[2:]]))
    assert upload.state == UploadState.REFUSED
    assert "Pupil number L1 was of Kind L1 van den Berg (01-03-2018) and is now of Milan" in text(directie, upload)


# Once, whoever clicks.


def test_a_double_click_hands_in_once(directie, small):
    key = str(uuid4())
    answers = [directie.post(PAGE, {**handed(EDEX), "key": key})["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert RosterUpload.objects.count() == 1
    assert len(files()) == 1


def test_confirming_twice_and_working_twice_is_once(directie, small):
    upload = hand_in(directie, EDEX)
    confirm(directie, upload)
    confirm(directie, upload)
    work(work(upload))
    confirm(directie, upload)
    work(upload)
    assert upload.state == UploadState.APPLIED
    assert imports(small) == 1
    assert imports(small, "roster.confirmed") == 1


def test_two_of_the_directie_with_the_same_files(directie, small):
    other = client_of(small, "adjunct@school.example")
    mine, theirs = hand_in(directie, EDEX), hand_in(other, EDEX)
    confirm(directie, mine)
    confirm(other, theirs)
    assert work(mine).state == UploadState.APPLIED
    assert work(theirs).state == UploadState.APPLIED
    assert "Everything is right already." in text(other, theirs)
    assert imports(small) == 1


def test_what_is_applied_is_what_was_shown(directie, small):
    upload = hand_in(directie, EDEX)
    confirm(directie, upload)
    small.child("Nieuw")
    assert work(upload).state == UploadState.PLANNED
    assert small.school.child_set.count() == 1
    assert "Nieuw Bouzid" in text(directie, upload).partition("Ended or left")[2]
    confirm(directie, upload, leavers="on")
    assert work(upload).state == UploadState.APPLIED


def test_leavers_that_became_many_are_asked_about_after_all(directie, small):
    take_over(directie, EDEX)
    upload = hand_in(directie, EDEX.having(pupils=TEN[:8]))
    confirm(directie, upload)
    small.child("Nieuw")
    assert work(upload).state == UploadState.PLANNED
    assert upload.outcome["leavers"] == {"leaving": 3, "present": 11}
    assert small.school.child_set.filter(left_at=None).count() == 11


def test_a_page_of_before_confirms_nothing(directie, small):
    upload = hand_in(directie, EDEX)
    response = directie.post(reverse("groups:confirm_roster", args=[upload.uid]), {"shown": "0" * 64}, follow=True)
    assert "the differences changed" in response.content.decode()
    assert work(upload).state == UploadState.PLANNED
    assert directie.post(reverse("groups:confirm_roster", args=[upload.uid])).status_code == 302
    assert work(upload).state == UploadState.PLANNED


def test_the_plan_an_hour_later_is_the_same_plan(directie, small):
    upload = hand_in(directie, EDEX, csv_of([MOTHER]))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        confirm(directie, upload)
        assert work(upload).state == UploadState.APPLIED


def test_somebody_who_is_directie_no_longer_applies_nothing(directie, small):
    upload = hand_in(directie, EDEX)
    confirm(directie, upload)
    StaffAssignment.objects.filter(role=Role.DIRECTIE).update(valid_until=NOW)
    access.reproject()
    assert work(upload).state == UploadState.FAILED
    assert not small.school.child_set.exists()


# When a ring or a worker is lost.


def test_a_lost_ring_is_found_and_a_running_task_left_alone(directie, small, django_capture_on_commit_callbacks):
    directie.post(PAGE, handed(EDEX))
    assert roster_uploads.ring_forgotten(now=NOW) == 1
    RosterUpload.objects.update(claimed_at=NOW, state=UploadState.PLANNING)
    assert roster_uploads.ring_forgotten(now=NOW + timedelta(minutes=14)) == 0
    assert roster_uploads.ring_forgotten(now=NOW + timedelta(minutes=16)) == 1


def test_a_worker_that_died_is_taken_over_but_not_for_ever(directie, small):
    directie.post(PAGE, handed(EDEX))
    upload = RosterUpload.objects.get()
    upload.claimed_at, upload.state, upload.attempts = NOW, UploadState.PLANNING, 1
    upload.save()
    assert work(upload).state == UploadState.PLANNING
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert work(upload).state == UploadState.PLANNED
    RosterUpload.objects.update(claimed_at=None, state=UploadState.PLANNING, attempts=3)
    assert work(upload).state == UploadState.FAILED
    assert files() == []


def test_what_nobody_foresaw_ends_on_the_page_and_names_nobody(directie, small, monkeypatch, caplog):
    def broken(**_: object) -> None:
        raise ValueError("Kind L1 van den Berg")

    monkeypatch.setattr(roster_work, "import_roster", broken)
    upload = hand_in(directie, EDEX)
    confirm(directie, upload)
    assert work(upload).state == UploadState.FAILED
    assert "Nothing changed" in text(directie, upload)
    assert "ValueError" in caplog.text
    assert "Berg" not in caplog.text


def test_a_reader_that_gets_no_turn_leaves_the_files_where_they_are(directie, small, monkeypatch):
    """Nothing is wrong with them: the next ring reads them after all."""
    monkeypatch.setattr(roster_reading, "COMMAND", ("/bin/false",))
    upload = hand_in(directie, EDEX)
    assert (upload.state, upload.claimed_at, len(files())) == (UploadState.PLANNING, None, 1)
    assert "Kring reads the files" in text(directie, upload)
    monkeypatch.undo()
    assert roster_uploads.ring_forgotten(now=NOW) == 1
    assert work(upload).state == UploadState.PLANNED


# The waiting page.


def test_the_waiting_page_works_by_link_and_by_script(directie, small):
    response = directie.post(PAGE, handed(EDEX), follow=True)
    body = response.content.decode()
    upload = RosterUpload.objects.get()
    asked = reverse("groups:roster_progress", args=[upload.uid])
    assert f'data-progress="{asked}"' in body
    assert "See whether it is done" in body
    said = directie.get(asked)
    assert (said.status_code, said["Content-Type"]) == (200, "text/plain; charset=utf-8")
    work(upload)
    assert directie.get(asked).status_code == 204
    assert "progress.js" not in directie.get(reverse("groups:roster_upload", args=[upload.uid])).content.decode()


def test_how_far_it_is_comes_in_words(directie, small):
    upload = hand_in(directie, EDEX)
    confirm(directie, upload)
    roster_work.note_progress(upload, "caregiver", 9000)
    said = directie.get(reverse("groups:roster_progress", args=[upload.uid])).content.decode()
    assert said == "Kring takes it over: 9000 caregivers …"


# The files.


def test_the_bytes_lie_under_a_random_name_for_the_owner_only(directie, small):
    hand_in(directie, EDEX, csv_of([MOTHER]))
    kept = files()
    assert len(kept) == 2
    assert all(re.fullmatch("[0-9a-f]{48}", path.name) for path in kept)
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert roster_uploads.folder().stat().st_mode & 0o777 == 0o700


def test_the_files_go_when_they_are_applied_or_withdrawn(directie, small, django_capture_on_commit_callbacks):
    take_over(directie, EDEX)
    assert files() == []
    upload = hand_in(directie, EDEX.having(pupils=TEN[:9]))
    with django_capture_on_commit_callbacks(execute=True):
        directie.post(reverse("groups:withdraw_roster", args=[upload.uid]))
    assert files() == []
    assert "The files have been deleted." in text(directie, upload)
    confirm(directie, upload)
    assert work(upload).state == UploadState.WITHDRAWN


def test_after_a_day_files_and_names_are_gone(directie, small):
    applied = take_over(directie, EDEX, csv_of([MOTHER]))
    waiting = hand_in(directie, EDEX.having(pupils=TEN[:9]))
    (roster_uploads.folder() / "lost").write_bytes(b"x")
    assert roster_uploads.sweep_uploads(now=NOW + timedelta(hours=23)) == 0
    assert waiting.state == UploadState.PLANNED
    # Real files have the machine's own clock.
    tomorrow = datetime.fromtimestamp(max(path.stat().st_mtime for path in files()), UTC) + timedelta(hours=25)
    roster_uploads.sweep_uploads(now=max(tomorrow, NOW + timedelta(hours=25)))
    applied.refresh_from_db()
    waiting.refresh_from_db()
    assert files() == []
    assert waiting.state == UploadState.WITHDRAWN
    assert applied.state == UploadState.APPLIED
    assert "Berg" not in str(applied.outcome) + str(waiting.outcome)
    assert "Names and lines are deleted after a day." in text(directie, applied)


def test_a_file_that_is_gone_ends_in_words(directie, small):
    directie.post(PAGE, handed(EDEX))
    for path in files():
        path.unlink()
    upload = work(RosterUpload.objects.get())
    assert "cannot be opened" in text(directie, upload)


def test_a_name_with_tricks_stays_a_name(directie, small):
    upload = hand_in(directie, None, csv_of([MOTHER]), name="../../\x07geheim<b>\u202e.csv")
    kept = upload.files[0]["name"]
    assert "/" not in kept
    assert kept.isprintable()
    assert "geheim<b>" not in directie.get(reverse("groups:roster_upload", args=[upload.uid])).content.decode()


# The form.


def test_without_a_file_or_with_an_empty_one_the_form_comes_back(directie, small):
    for form in (handed(), handed(b""), {**handed(EDEX), "key": "x"}):
        response = directie.post(PAGE, form)
        assert response.status_code == 422
    assert RosterUpload.objects.count() == 0


def test_a_file_that_is_too_large_is_not_kept(directie, small, monkeypatch):
    monkeypatch.setattr("groups.roster.forms.LARGEST_ROSTER_FILE", 100)
    response = directie.post(PAGE, handed(EDEX))
    assert response.status_code == 422
    assert "larger than 20 MB" in response.content.decode()
    assert files() == []


# Which file it is says the file.


@pytest.mark.parametrize("name", ["lijst.xlsx", "lijst.csv", "lijst", "lijst.xml.xlsx", "LIJST.XLS"])
@pytest.mark.parametrize("make", [workbook_of, csv_of])
def test_the_name_of_a_file_does_not_matter(directie, small, name, make):
    take_over(directie, EDEX)
    take_over(directie, None, make([MOTHER]), name=name)
    assert small.school.caregiver_set.get().first_name == "Karima"


def test_the_fields_may_be_swapped(directie, small):
    form = {"key": str(uuid4()), "roster": file(csv_of([MOTHER]), "a.csv"), "caregivers": file(bytes(EDEX), "b.xml")}
    directie.post(PAGE, form)
    assert work(RosterUpload.objects.get()).state == UploadState.PLANNED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb(100), "far more work than a list"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "neither EDEXML nor a list of caregivers"),
        (b"PK\x03\x04 nothing more", "cannot be read"),
        (b"\n\n \n", "empty"),
    ],
    ids=["bomb", "picture", "broken", "empty"],
)
def test_what_is_no_list_is_refused(directie, small, content, words):
    upload = hand_in(directie, None, content, name="lijst.xlsx")
    assert upload.state == UploadState.REFUSED
    assert words in text(directie, upload)


# Every sample.


BROKEN = {
    "dangling-reference.edex.xml": UploadState.APPLIED,
    "duplicate-pupil-key.edex.xml": UploadState.REFUSED,
    "entity-bomb.edex.xml": UploadState.REFUSED,
    "external-entity.edex.xml": UploadState.REFUSED,
    "half-the-school.edex.xml": UploadState.PLANNED,
    "not-xml.edex.xml": UploadState.REFUSED,
    "pupil-without-group.edex.xml": UploadState.PLANNED,
    "truncated.edex.xml": UploadState.REFUSED,
    "verzorgers-bad-email.csv": UploadState.REFUSED,
    "verzorgers-formula.csv": UploadState.REFUSED,
    "verzorgers-missing-column.csv": UploadState.REFUSED,
    "verzorgers-unknown-pupil.csv": UploadState.REFUSED,
    "verzorgers-windows-1252.csv": UploadState.REFUSED,
}


@pytest.fixture
def whole(directie, small) -> Client:
    """The samples of this year, taken over."""
    edex, listed = sample("99XX-2026-2027.edex.xml"), sample("99XX-2026-2027-verzorgers.csv")
    assert take_over(directie, edex.read_bytes(), listed.read_bytes()).state == UploadState.APPLIED
    return directie


@pytest.mark.parametrize("name", BROKEN)
def test_broken_samples(whole, small, name):
    content = sample(f"broken/{name}").read_bytes()
    before = list(Child.objects.order_by("pk").values_list())
    upload = hand_in(whole, *((content,) if name.endswith(".xml") else (None, content)), **{})
    assert upload.state == BROKEN[name]
    said = text(whole, upload)
    assert "to look at" in said or name == "half-the-school.edex.xml"
    assert list(Child.objects.order_by("pk").values_list()) == before


@pytest.mark.parametrize(
    "name",
    [
        "99XX-2026-2027.uwlr.xml",
        "99XX-2027-2028.edex.xml",
        "99XX-2027-2028.uwlr.xml",
        "99XX-2026-2027-verzorgers-shared-and-missing-address.csv",
        "99XX-2026-2027-verzorgers-uitgebreid.csv",
    ],
)
def test_sound_samples(whole, small, name):
    content = sample(name).read_bytes()
    upload = hand_in(whole, *((content,) if name.endswith(".xml") else (None, content)))
    nothing = name.endswith("2027.uwlr.xml")
    assert upload.state == (UploadState.APPLIED if nothing else UploadState.PLANNED)
    said = text(whole, upload)
    if nothing:
        assert "Nothing changes" in said
        return
    confirm(whole, upload)
    assert work(upload).state == UploadState.APPLIED
    assert not any(access.drift().values())


# Who may.


def test_what_refuses_the_files_stands_first():
    told = [
        Problem(Complaint.NO_GROUP, "a.xml", 1),
        Problem(Complaint.BAD_DATE, "b.xml", 9),
        Problem(Complaint.BAD_DATE, "b.xml", 2),
    ]
    assert in_order(told) == [told[2], told[1], told[0]]


def test_what_stands_on_a_line_comes_before_what_no_line_says():
    """Two lines to look at stood below hundreds of children who were not in a list of one class."""
    told = [Problem(Complaint.NO_CAREGIVERS, "a.csv", None, "L1"), Problem(Complaint.DOUBLE_LINE, "a.csv", 9, "L2")]
    assert in_order(told) == told[::-1]


def test_another_schools_upload_does_not_exist(directie, small):
    upload = hand_in(directie, EDEX)
    elsewhere = client_of(SmallSchool.make("99YY"), "elders@school.example")
    teacher = visitor()
    teacher.force_login(come_in(small.staff("juf@school.example", group=small.group)))
    for client in (elsewhere, teacher):
        for route in ("roster_upload", "roster_progress"):
            assert client.get(reverse(f"groups:{route}", args=[upload.uid])).status_code == 404
        for route in ("confirm_roster", "withdraw_roster"):
            answer = client.post(reverse(f"groups:{route}", args=[upload.uid]), {"shown": upload.fingerprint})
            assert answer.status_code == 404
    assert work(upload).state == UploadState.PLANNED
    assert teacher.get(PAGE).status_code == 404
    assert teacher.post(PAGE, handed(EDEX)).status_code == 404
    assert "99XX.xml" not in elsewhere.get(PAGE).content.decode()


def test_another_school_cannot_be_chosen(directie, small):
    other = SmallSchool.make("99YY").school
    assert directie.post(f"{PAGE}?school={other.uid}", handed(EDEX)).status_code == 404
    assert directie.get(f"{PAGE}?school=x").status_code == 404


def test_confirming_asks_to_prove_it_is_you(directie, small, settings):
    upload = hand_in(directie, EDEX)
    settings.KRING_SECOND_FACTOR = True
    user = small.directie("met-wachtwoord@school.example")
    user.set_password("een lang wachtwoord")
    user.save()
    client = visitor()
    client.force_login(user)
    answer = client.post(reverse("groups:confirm_roster", args=[upload.uid]), {"shown": upload.fingerprint})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    proved = client.post(answer["Location"], {"password": "een lang wachtwoord"})
    assert proved["Location"] == reverse("groups:roster_upload", args=[upload.uid])
    assert work(upload).state == UploadState.APPLIED


# How much it asks.


def test_the_page_asks_the_database_the_same_for_any_size(directie, small):
    text(directie, hand_in(directie, EDEX))  # statements are composed once a process
    counts = []
    for pupils in (TEN[:2], tuple(Pupil(f"X{number}") for number in range(100))):
        upload = hand_in(directie, EDEX.having(pupils=pupils))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(directie, upload)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
