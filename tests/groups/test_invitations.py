"""Letters: one code, one adult, once – from the directie's printer to the parent's telephone."""

import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from groups.letters.domain.birthdays import read_birthday
from groups.letters.domain.codes import ALPHABET, is_code, new_code, show_code, tidy_code
from groups.letters.services.invitations import (
    LIFETIME,
    ExpiredCodeError,
    NoBirthdayError,
    NotInvitableError,
    UnknownCodeError,
    UsedCodeError,
    find_letter,
    hash_code,
    opens_something,
    print_letter,
    use_letter,
)
from groups.models import Caregiver, Child, Claim, Guardianship, Invitation, InvitationState, Level
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from portal.core import tries
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, TakenTries, User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
LETTER, CODE_PAGE = "/brief/", "/inloggen/code/"


@pytest.fixture
def client():
    return visitor()


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def directie(small):
    return small.directie()


@pytest.fixture
def father(small) -> Caregiver:
    return small.caregiver(small.child(), first_name="Said")


def printed(caregiver, by, now=NOW):
    return print_letter(guardianship=caregiver.guardianships.get(valid_until=None), by=Actor(by, Hat.ANY, now))


def test_a_code_is_eight_characters_that_survive_being_read_aloud():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(is_code(code) for code in codes)
    assert not set("0O1I") & set(ALPHABET)
    assert len(ALPHABET) == 32
    assert show_code("H7KM4XTP") == "H7KM-4XTP"
    assert tidy_code(" h7km–4xtp ") == "H7KM4XTP"


@pytest.mark.parametrize("typed", ["", "H7KM4XT", "H7KM4XTPP", "H7KM4XT0", "ÄÄÄÄÄÄÄÄ", "H7KM\x004XTP"])
def test_what_is_no_code(typed):
    assert not is_code(tidy_code(typed))


def test_the_code_is_not_in_the_database(father, directie):
    invitation, code = printed(father, directie)
    row = Invitation.objects.values().get(pk=invitation.pk)
    assert code not in str(row)
    assert row["code_hash"] == hash_code(code)
    assert row["expires_at"] == NOW + LIFETIME
    assert not AuditEvent.objects.filter(facts__icontains=code).exists()


def test_a_second_print_withdraws_the_first(father, directie):
    first, old = printed(father, directie)
    _, new = printed(father, directie, NOW + SECOND)
    first.refresh_from_db()
    assert first.state == InvitationState.WITHDRAWN
    assert not opens_something(letter=find_letter(code=old), now=NOW + SECOND)
    assert opens_something(letter=find_letter(code=new), now=NOW + SECOND)


@pytest.mark.parametrize("level", [Level.UNVERIFIED, Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN])
def test_no_letter_for_somebody_not_admitted(small, directie, level):
    caregiver = small.caregiver(small.child(), level=level)
    with pytest.raises(NotInvitableError):
        printed(caregiver, directie)


def test_no_letter_for_somebody_who_is_in(father, directie):
    come_in(father)
    with pytest.raises(NotInvitableError):
        printed(father, directie)


def test_using_a_letter_links_the_record_once(father, directie):
    letter, _ = printed(father, directie)
    said = account("said@elders.example")
    assert use_letter(letter=letter.uid, user=said, now=NOW) == father
    assert use_letter(letter=letter.uid, user=said, now=NOW + SECOND) == father
    letter.refresh_from_db()
    father.refresh_from_db()
    assert (letter.state, letter.used_by, letter.used_at, father.user) == (InvitationState.USED, said, NOW, said)
    with pytest.raises(UsedCodeError):
        use_letter(letter=letter.uid, user=account("ander@elders.example"), now=NOW + SECOND)


@pytest.mark.parametrize(("late", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_a_letter_is_too_old_at_its_second(father, directie, late, works):
    letter, _ = printed(father, directie)
    said, moment = account("said@elders.example"), NOW + LIFETIME + late
    if works:
        assert use_letter(letter=letter.uid, user=said, now=moment) == father
    else:
        with pytest.raises(ExpiredCodeError):
            use_letter(letter=letter.uid, user=said, now=moment)


def test_a_letter_dies_with_its_guardianship(father, directie):
    letter, _ = printed(father, directie)
    end_guardianship(guardianship=father.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=letter.uid, user=account("said@elders.example"), now=NOW)


def test_a_letter_dies_when_a_file_ended_the_guardianship(father, directie):
    letter, _ = printed(father, directie)
    Guardianship.objects.filter(caregiver=father).update(valid_until=NOW)
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=letter.uid, user=account("said@elders.example"), now=NOW)


def test_somebody_who_came_in_by_address_keeps_the_record(father, directie):
    letter, _ = printed(father, directie)
    come_in(father)
    with pytest.raises(UsedCodeError):
        use_letter(letter=letter.uid, user=account("dief@elders.example"), now=NOW)


def test_a_staff_invitation_is_no_letter(small):
    record = small.staff("petra@school.example")
    letter = Invitation.objects.create(staff=record, made_at=NOW, expires_at=NOW + LIFETIME)
    with pytest.raises(UnknownCodeError):
        use_letter(letter=letter.uid, user=account("dief@elders.example"), now=NOW)


def test_two_open_letters_never_share_a_code(father, directie):
    letter, code = printed(father, directie)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            guardianship=letter.guardianship, code_hash=hash_code(code), made_at=NOW, expires_at=NOW
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_gets_in():
    small = SmallSchool.make()
    said = small.caregiver(small.child())
    letter, _ = printed(said, small.directie())
    racers = [account(f"racer{number}@elders.example") for number in range(2)]
    start, outcomes = Barrier(2), []

    def run(user):
        start.wait()
        try:
            use_letter(letter=letter.uid, user=user, now=NOW)
            outcomes.append("in")
        except UsedCodeError:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [Thread(target=run, args=[user]) for user in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "too late"]
    assert Caregiver.objects.filter(user__in=racers).count() == 1


# In the browser's words.


def code_in(message) -> str:
    return re.search(r"\b(\d{3}-\d{3})\b", message.body)[1]


@pytest.fixture
def today(father, directie):
    """A letter printed just now, by the clock of the requests."""
    return printed(father, directie, timezone.now())


def begin(client, code, address="said@elders.example", born_on="2-3-2018"):
    return client.post(LETTER, {"code": show_code(code), "born_on": born_on, "email": address})


def test_from_letter_to_group_in_three_pages(client, father, today):
    assert begin(client, today[1])["Location"] == CODE_PAGE
    done = client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    assert done["Location"] == "/"
    father.refresh_from_db()
    assert father.user.email == "said@elders.example"
    assert client.get("/")["Location"] == "/thuis/berichten/"


def test_only_who_asks_without_a_letter_hears_that_the_school_has_to_know_the_address(client, today):
    told = "Only addresses that the school knows get mail."
    begin(client, today[1])
    stranger = visitor()
    stranger.post("/inloggen/", {"email": "said@elders.example"})
    assert [told in one.get(CODE_PAGE).content.decode() for one in (client, stranger)] == [False, True]


def test_opening_the_page_uses_nothing_up(client, today):
    client.get(LETTER, {"code": today[1]})
    client.head(LETTER)
    today[0].refresh_from_db()
    assert today[0].state == InvitationState.OPEN


@pytest.mark.parametrize("state", ["unknown", "used", "expired", "withdrawn", "ended", "another day"])
def test_before_the_proof_one_sentence_fits_all(client, father, directie, today, state):
    invitation, code = today
    if state == "used":
        use_letter(letter=invitation.uid, user=account("eerste@elders.example"), now=timezone.now())
    if state == "expired":
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=NOW)
    if state == "withdrawn":
        printed(father, directie, timezone.now())
    if state == "ended":
        Guardianship.objects.filter(caregiver=father).update(valid_until=NOW)
    day = "3-3-2018" if state == "another day" else "2-3-2018"
    response = begin(client, "AAAAAAAA" if state == "unknown" else code, born_on=day)
    assert response.status_code == 422
    assert "does not work" in response.context["form"].non_field_errors()[0]
    assert mail.outbox == []
    assert not User.objects.filter(email="said@elders.example").exists()


def test_of_two_with_one_letter_the_second_is_told(father, today):
    first, second = visitor(), visitor()
    begin(first, today[1], "said@elders.example")
    first_code = code_in(mail.outbox[-1])
    begin(second, today[1], "buurman@elders.example")
    second_code = code_in(mail.outbox[-1])
    assert first.post(CODE_PAGE, {"code": first_code})["Location"] == "/"
    lost = second.post(CODE_PAGE, {"code": second_code}, follow=True)
    assert lost.redirect_chain[-1][0] == LETTER
    assert "This code has been used" in lost.content.decode()
    father.refresh_from_db()
    assert father.user.email == "said@elders.example"
    assert not Caregiver.objects.filter(user__email="buurman@elders.example").exists()


def test_a_letter_begun_by_one_is_not_used_by_the_next_who_signs_in(client, small, father, today):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    begin(client, today[1])
    client.post("/uitloggen/", {"next": "/inloggen/"})
    client.post("/inloggen/", {"email": "karima@thuis.example"})
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    mother.refresh_from_db()
    father.refresh_from_db()
    assert mother.user is not None
    assert father.user is None


def test_somebody_who_is_in_adds_a_child_with_the_code_alone(client, small, today, father):
    client.force_login(come_in(small.caregiver(small.child("Ilyas"), "said@thuis.example")))
    response = client.post(LETTER, {"code": today[1].lower(), "born_on": "2 maart 2018"})
    assert (response.status_code, response["Location"]) == (302, "/thuis/berichten/")
    father.refresh_from_db()
    assert father.user.email == "said@thuis.example"


def test_somebody_else_who_is_in_hears_that_it_was_used(client, small, today):
    use_letter(letter=today[0].uid, user=account("eerste@elders.example"), now=timezone.now())
    client.force_login(come_in(small.caregiver(small.child("Ilyas"), "said@thuis.example")))
    response = client.post(LETTER, {"code": today[1], "born_on": "02032018"})
    assert response.status_code == 422
    assert "has been used" in response.context["form"].errors["code"][0]


def test_guessing_is_stopped(client, monkeypatch):
    monkeypatch.setitem(tries.LIMITS, "letter.network", tries.Limit(3, tries.HOUR))
    answers = [begin(client, new_code()) for _ in range(4)]
    stopped = ["often" in answer.context["form"].non_field_errors()[0] for answer in answers]
    assert stopped == [False, False, False, True]


def test_what_was_typed_stays(client):
    response = client.post(LETTER, {"code": "H7KM4XT", "born_on": "31-2-2018", "email": "karima.post.nl"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"code", "born_on", "email"}
    assert [typed in response.content.decode() for typed in ("karima.post.nl", "31-2-2018")] == [True, True]


@pytest.mark.parametrize(
    "typed",
    [
        "2-3-2018",
        "02-03-2018",
        " 2 3 2018 ",
        "2/3/2018",
        "2.3.2018",
        "02032018",
        "2 maart 2018",
        "2 mrt 2018",
        "2maart2018",
        "2 March 2018",
        "2018-03-02",
        "2/3/18",
        "March 2, 2018",
    ],
)
def test_a_birthday_as_people_type_it(typed):
    assert read_birthday(typed) == date(2018, 3, 2)


@pytest.mark.parametrize(
    "typed", ["", "2018", "31-2-2018", "2-13-2018", "2-3-218", "2 blad 2018", "2-3-0018", "٢-٣-٢٠١٨"]
)
def test_what_is_no_birthday(typed):
    assert read_birthday(typed) is None


@pytest.mark.parametrize("is_in", [False, True])
def test_five_days_are_compared_and_no_more(client, small, father, today, is_in):
    """Whoever found the letter does not guess the birthday: after five wrong ones the right one is wrong too."""
    if is_in:
        client.force_login(come_in(small.caregiver(small.child("Ilyas"), "said@elders.example")))
    answers = [begin(client, today[1], born_on=f"{day}-4-2018").status_code for day in range(1, 6)]
    late = begin(client, today[1])
    assert (answers, late.status_code) == ([422] * 5, 422)
    assert "does not work" in late.context["form"].non_field_errors()[0]
    father.refresh_from_db()
    assert (father.user, mail.outbox) == (None, [])


def test_a_right_day_costs_no_try(client, father, today):
    assert [begin(client, today[1]).status_code for _ in range(7)] == [302] * 7


def test_no_letter_where_nobody_knows_the_birthday(small, directie, father):
    Child.objects.update(birth_on=None)
    with pytest.raises(NoBirthdayError):
        printed(father, directie)


def test_the_code_stands_nowhere_but_on_paper(client, father, directie, today):
    """Not in the database in clear, whatever became of the letter; not in the mail about it."""
    begin(client, today[1])
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    kept = [str(list(rows.objects.values())) for rows in (Invitation, Claim, AuditEvent, OutboxItem, TakenTries)]
    sessions = [str(session.get_decoded()) for session in Session.objects.all()]
    mails = [str(message.message()) for message in mail.outbox]
    assert [text for text in [*kept, *sessions, *mails] if today[1] in text or show_code(today[1]) in text] == []
