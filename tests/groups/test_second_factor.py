"""The second factor, passwords, e-mail change and sessions: what keeps an account its owner's."""

import re
import time
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from agenda.feeds.models import CalendarAddress
from agenda.feeds.services.addresses import make_address, stop_address
from groups.accounts.services.sessions import settle_second_factor
from groups.models import Level
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from portal.core import codes
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, Code, TakenTries, User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor
from tests.mail.delivering import deliver_fast

pytestmark = pytest.mark.django_db
DOOR, CODE_PAGE = "/inloggen/", "/inloggen/code/"
TURN_ON = "/instellingen/tweede-stap/aan/"
SENTENCE = "een vos springt over 12 hekken"


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def petra(small) -> User:
    user = small.directie("petra@school.example")
    settle_second_factor(user=user, now=NOW)
    return user


def code_in(message) -> str:
    return re.search(r"\b(\d{3}-\d{3})\b", message.body)[1]


def sign_in(address, client=None):
    client = client or visitor()
    client.post(DOOR, {"email": address})
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    return client


def app_of(user) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def totp(secret, steps=0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture(autouse=True)
def _with_second_factor(settings):
    settings.KRING_SECOND_FACTOR = True


def test_a_directie_without_a_second_factor_gets_no_further(petra):
    client = sign_in(petra.email)
    for path in ("/", "/school/mensen/", "/instellingen/", "/hulp/"):
        assert client.get(path)["Location"] == TURN_ON
    assert client.post("/instellingen/", {"language": "nl"})["Location"] == TURN_ON
    assert client.get(TURN_ON).status_code == 200
    assert client.get("/uitloggen/").status_code == 200


def test_turning_it_on_opens_the_way(petra):
    client = sign_in(petra.email)
    secret = client.get(TURN_ON).context["form"].secret
    done = client.post(TURN_ON, {"code": totp(secret)})
    assert done["Location"] == "/instellingen/tweede-stap/codes/"
    assert client.get("/school/mensen/").status_code == 200
    assert client.get(done["Location"]).status_code == 200


def test_a_phone_opens_the_app_itself_and_comes_back_to_the_same_key(small):
    """It cannot read a square on its own screen; coming back it asked for the page anew, and every code was wrong."""
    mother = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    client = sign_in(mother.email)
    page = client.get(TURN_ON)
    secret = page.context["form"].secret
    [way] = re.findall(r'href="(otpauth://totp/[^"]*)"', page.content.decode())
    assert f"secret={secret}" in way
    assert client.get(TURN_ON).context["form"].secret == secret
    assert client.post(TURN_ON, {"code": totp(secret)}).status_code == 302
    client.post("/instellingen/tweede-stap/uit/")
    assert client.get(TURN_ON).context["form"].secret != secret


def test_a_parent_is_not_asked(small):
    mother = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    assert sign_in(mother.email).get("/instellingen/").status_code == 200


def lose_phone(address) -> str:
    out = StringIO()
    call_command("lost_phone", address, stdout=out)
    return out.getvalue()


def test_who_lost_phone_and_spare_codes_comes_in_again(petra):
    """Nobody could let the only head of a school in any more."""
    secret, elsewhere = app_of(petra), sign_in(petra.email)
    elsewhere.post("/inloggen/tweede-stap/", {"code": totp(secret)})
    assert elsewhere.get("/school/mensen/").status_code == 200
    Authenticator.objects.create(user=petra, type=Authenticator.Type.WEBAUTHN, data={"name": "", "credential": {}})
    assert "Keep its spare codes apart from the phone." in lose_phone(petra.email.upper())
    assert not Authenticator.objects.filter(user=petra).exists()
    assert not UserSession.objects.filter(user=petra).exists()
    assert AuditEvent.objects.filter(verb="account.second_step_taken_off", subject_uid=petra.uid).count() == 1
    deliver_fast()
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([petra.email], "The second step is off")
    assert sign_in(petra.email).get("/")["Location"] == TURN_ON
    assert "Nothing was done" in lose_phone(petra.email)
    assert AuditEvent.objects.filter(verb="account.second_step_taken_off").count() == 1


def test_nobody_is_called_lost_who_does_not_sign_in(petra):
    app_of(petra)
    with pytest.raises(CommandError, match="Nobody signs in with"):
        lose_phone("piet@school.example")
    assert Authenticator.objects.filter(user=petra).exists()


def test_the_demo_asks_nobody(petra, settings):
    settings.KRING_SECOND_FACTOR = False
    assert sign_in(petra.email).get("/school/mensen/").status_code == 200


def test_with_a_second_factor_the_mail_alone_does_not_open(petra):
    secret = app_of(petra)
    client = visitor()
    client.post(DOOR, {"email": petra.email})
    step = client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    assert step["Location"] == "/inloggen/tweede-stap/"
    assert client.get("/school/mensen/").status_code == 302
    assert client.post(step["Location"], {"code": "000000"}).status_code == 200
    code = totp(secret)
    assert client.post(step["Location"], {"code": code})["Location"] == "/"
    assert client.get("/school/mensen/").status_code == 200


def test_a_code_of_the_app_works_once(petra):
    secret = app_of(petra)
    code = totp(secret)
    for works in (True, False):
        client = sign_in(petra.email)
        client.post("/inloggen/tweede-stap/", {"code": code})
        assert ("_auth_user_id" in client.session) is works


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_minute_does_not_work(petra, steps):
    secret = app_of(petra)
    client = sign_in(petra.email)
    client.post("/inloggen/tweede-stap/", {"code": totp(secret, steps)})
    assert "_auth_user_id" not in client.session


def test_who_needs_it_cannot_turn_it_off(petra):
    secret = app_of(petra)
    client = sign_in(petra.email)
    client.post("/inloggen/tweede-stap/", {"code": totp(secret)})
    off = "/instellingen/tweede-stap/uit/"
    asked = client.get(off)
    if asked.status_code == 302:
        client.post(asked["Location"], {"code": totp(secret, 1)})
    client.post(off)
    assert Authenticator.objects.filter(user=petra, type="totp").exists()


def test_a_decision_asks_for_the_factor_again_after_a_while(petra, small, monkeypatch):
    waiting = small.caregiver(small.child(), level=Level.UNVERIFIED).guardianships.get()
    path = f"/school/mensen/gezag/{waiting.uid}/toelaten/"
    secret = app_of(petra)
    client = sign_in(petra.email)
    client.post("/inloggen/tweede-stap/", {"code": totp(secret)})
    assert client.get(path).status_code == 200
    later = time.time() + 1000
    monkeypatch.setattr("portal.core.confirming.time.time", lambda: later)
    asked = client.post(path, {"evidence": "gezien", "key": "7d8f3a1e-9f0c-4b7e-8a55-0d8a3d1c2b11"})
    assert asked["Location"].startswith("/inloggen/opnieuw/tweede-stap/?next=")
    waiting.refresh_from_db()
    assert waiting.valid_until is None


def test_a_new_task_with_a_second_factor_signs_out_elsewhere(small):
    record = small.staff("anna@school.example", group=small.group)
    user = come_in(record)
    client = sign_in(user.email)
    assert client.get("/instellingen/").status_code == 200
    appoint(staff=record, role=Role.DIRECTIE, school=small.school, by=clock(NOW))
    assert client.get("/instellingen/").status_code == 302
    assert not UserSession.objects.filter(user=user).exists()


def test_an_ended_task_signs_out_everywhere(small):
    record = small.staff("anna@school.example", group=small.group)
    user = come_in(record)
    clients = [sign_in(user.email), sign_in(user.email)]
    end_assignment(assignment=record.assignments.get(), by=clock(NOW))
    assert [client.get("/instellingen/").status_code for client in clients] == [302, 302]


# Sessions.


def test_five_devices_and_one_button(small):
    mother = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    clients = [sign_in(mother.email, visitor(REMOTE_ADDR=f"198.51.100.{number}")) for number in range(5)]
    first = clients[0]
    assert first.get("/instellingen/apparaten/").context["session_count"] == 5
    first.post("/instellingen/apparaten/")
    assert [client.get("/instellingen/").status_code for client in clients] == [200, 302, 302, 302, 302]


def test_the_list_of_devices_is_the_own_list(small):
    mother = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    other = come_in(small.caregiver(small.child(), "said@thuis.example"))
    sign_in(other.email)
    client = sign_in(mother.email)
    assert [session.user_id for session in client.get("/instellingen/apparaten/").context["sessions"]] == [mother.pk]


# Passwords: a second way, for those who want one.


@pytest.fixture
def mother(small) -> User:
    return come_in(small.caregiver(small.child(), "karima@thuis.example"))


def with_password(user, password=SENTENCE):
    user.set_password(password)
    user.save()
    return user


def password_in(address, password):
    client = visitor()
    client.post("/inloggen/wachtwoord/", {"login": address, "password": password})
    return client


def test_choosing_a_password_and_coming_in_with_it(mother):
    client = sign_in(mother.email)
    client.post("/instellingen/wachtwoord/kiezen/", {"password1": SENTENCE, "password2": SENTENCE})
    assert client.get("/instellingen/").status_code == 302
    assert "_auth_user_id" in password_in("Karima@Thuis.example", SENTENCE).session


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("", False),
        ("a", False),
        ("abcdefg", False),
        ("abcd efgh", False),
        ("1234567890", False),
        ("wachtwoord", False),
        ("karima@thuis", False),
        ("een paard" + " " * 55, True),
        ("é" * 128, True),
        ("🐈 kat op de mat 🐈", True),
        ("x" * 4096, True),
        ("x" * 4097, False),
    ],
)
def test_which_passwords_are_accepted(mother, password, accepted):
    client = sign_in(mother.email)
    client.post("/instellingen/wachtwoord/kiezen/", {"password1": password, "password2": password})
    mother.refresh_from_db()
    assert mother.has_usable_password() is accepted


def test_one_spelling_for_the_same_characters(mother):
    composed, decomposed = "caf\u00e9 om de hoek", "cafe\u0301 om de hoek"
    client = sign_in(mother.email)
    client.post("/instellingen/wachtwoord/kiezen/", {"password1": decomposed, "password2": composed})
    for spelling in (composed, decomposed):
        assert "_auth_user_id" in password_in(mother.email, spelling).session


def test_a_new_password_ends_every_session(mother):
    with_password(mother)
    here, there = password_in(mother.email, SENTENCE), sign_in(mother.email)
    new = "een ander paard in de wei"
    here.post("/instellingen/wachtwoord/", {"oldpassword": SENTENCE, "password1": new, "password2": new})
    assert [client.get("/instellingen/").status_code for client in (here, there)] == [302, 302]
    deliver_fast()
    assert "Your password for Kring is changed" in [message.subject for message in mail.outbox]


def test_a_hundred_wrong_passwords_do_not_lock_the_owner_out(mother):
    with_password(mother)
    for _ in range(100):
        visitor().post("/inloggen/wachtwoord/", {"login": mother.email, "password": "fout"})
    assert "_auth_user_id" in sign_in(mother.email).session


@pytest.mark.parametrize("address", ["karima@thuis.example", "niemand@elders.example"])
def test_a_wrong_password_says_the_same_to_everybody(mother, address):
    with_password(mother)
    response = visitor().post("/inloggen/wachtwoord/", {"login": address, "password": "fout"})
    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == ["The address or the password is not right."]


def reset(address):
    client = visitor()
    client.post("/inloggen/wachtwoord-vergeten/", {"email": address})
    return client


def test_a_forgotten_password_is_replaced_by_a_code(mother):
    with_password(mother)
    elsewhere = sign_in(mother.email)
    client = reset(mother.email)
    asked = client.post("/inloggen/wachtwoord-vergeten/code/", {"code": code_in(mail.outbox[-1])})
    new = "een ander paard in de wei"
    client.post(asked["Location"], {"password1": new, "password2": new})
    assert elsewhere.get("/instellingen/").status_code == 302
    assert "_auth_user_id" in password_in(mother.email, new).session
    assert "_auth_user_id" not in client.session


def test_a_reset_code_is_for_one_browser_and_one_time(mother):
    with_password(mother)
    first = reset(mother.email)
    code = code_in(mail.outbox[-1])
    thief = reset("niemand@elders.example")
    thief.post("/inloggen/wachtwoord-vergeten/code/", {"code": code})
    assert thief.get("/inloggen/wachtwoord-vergeten/nieuw/").status_code == 302
    new = "een ander paard in de wei"
    first.post("/inloggen/wachtwoord-vergeten/code/", {"code": code})
    first.post("/inloggen/wachtwoord-vergeten/nieuw/", {"password1": new, "password2": new})
    again = first.post("/inloggen/wachtwoord-vergeten/code/", {"code": code})
    assert again["Location"] == DOOR


RESET_CODE = "/inloggen/wachtwoord-vergeten/code/"


def test_where_there_is_no_password_there_is_no_reset(mother):
    with_password(account("anna@school.example"))
    known, without = reset("anna@school.example"), reset(mother.email)
    to_anna, to_mother = mail.outbox
    assert code_in(to_anna)
    assert (to_mother.to, to_mother.subject) == ([mother.email], "You have no password for Kring")
    assert "You get a code by mail" in to_mother.body
    assert not re.search(r"\d{3}-?\d{3}", to_mother.body.split("--")[0])
    pages = [client.get(RESET_CODE).content.decode() for client in (known, without)]
    plain = [re.sub(r'value="\w+"|data-csrf="\w+"|\w+@\w+\.example', "", page) for page in pages]
    assert plain[0] == plain[1]
    (handle,) = Code.objects.filter(user=None).values_list("uid", flat=True)
    right = codes.characters(Code.objects.get(uid=handle), mother.email)
    without.post(RESET_CODE, {"code": right})
    assert without.get("/inloggen/wachtwoord-vergeten/nieuw/").status_code == 302


def test_a_right_code_after_many_wrong_ones_changes_nothing(mother):
    with_password(mother)
    client = reset(mother.email)
    code = code_in(mail.outbox[-1])
    for session in [client.session.session_key] * 15:
        again = visitor()
        again.cookies[settings.SESSION_COOKIE_NAME] = session
        again.post(RESET_CODE, {"code": "no code"})
    client.post(RESET_CODE, {"code": code})
    assert client.get("/inloggen/wachtwoord-vergeten/nieuw/").status_code == 302


def test_the_guesses_before_a_reset_do_not_keep_the_owner_out(mother):
    with_password(mother)
    for _ in range(6):
        refused = visitor().post("/inloggen/wachtwoord/", {"login": mother.email, "password": "fout"})
    assert "too often" in refused.content.decode()
    client = reset(mother.email)
    asked = client.post(RESET_CODE, {"code": code_in(mail.outbox[-1])})
    new = "een ander paard in de wei"
    client.post(asked["Location"], {"password1": new, "password2": new})
    assert "_auth_user_id" in password_in(mother.email, new).session


def test_strangers_who_guess_a_password_do_not_keep_its_owner_out_at_home(mother):
    with_password(mother)
    device = sign_in(mother.email).cookies[settings.KRING_DEVICE_COOKIE].value
    for _ in range(6):
        visitor().post("/inloggen/wachtwoord/", {"login": mother.email, "password": "fout"})
    assert "_auth_user_id" not in password_in(mother.email, SENTENCE).session
    home = visitor()
    home.cookies[settings.KRING_DEVICE_COOKIE] = device
    home.post("/inloggen/wachtwoord/", {"login": mother.email, "password": SENTENCE})
    assert "_auth_user_id" in home.session


def test_the_password_now_is_a_guess_like_any_other(mother):
    with_password(mother)
    client = sign_in(mother.email)
    for _ in range(6):
        answer = client.post(
            "/instellingen/wachtwoord/", {"oldpassword": "fout", "password1": "x" * 12, "password2": "x" * 12}
        )
    assert "too often" in answer.content.decode()


def test_a_code_of_the_app_opens_once_and_guesses_are_few(petra):
    secret = app_of(petra)
    answers, code = [], totp(secret)
    for _ in range(2):
        client = sign_in(petra.email)
        answers.append(client.post("/inloggen/tweede-stap/", {"code": code}).status_code)
        cache.clear()
    assert answers == [302, 200]
    guesser = sign_in(petra.email)
    for _ in range(5):
        refused = guesser.post("/inloggen/tweede-stap/", {"code": "no code"})
    assert "too often" in refused.content.decode()
    cache.clear()
    assert guesser.post("/inloggen/tweede-stap/", {"code": totp(secret, 1)}).status_code == 200


def test_asking_a_reset_tells_nothing(mother):
    before = len(mail.outbox)
    pages = [
        reset(address).get("/inloggen/wachtwoord-vergeten/code/") for address in (mother.email, "n@elders.example")
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert len(mail.outbox) == before + 1


# Another address.


def ask_change(client, address):
    return client.post("/instellingen/e-mail/", {"email": address, "action_add": "1"})


def test_an_address_changes_after_its_proof_and_the_old_one_hears_it(mother):
    here, there = sign_in(mother.email), sign_in(mother.email)
    ask_change(here, "Nieuw@thuis.example")
    mother.refresh_from_db()
    assert mother.email == "karima@thuis.example"
    here.post("/instellingen/e-mail/code/", {"code": code_in(mail.outbox[-1])})
    mother.refresh_from_db()
    assert mother.email == "nieuw@thuis.example"
    assert [client.get("/instellingen/").status_code for client in (here, there)] == [200, 302]
    deliver_fast()
    assert mail.outbox[-1].to == ["karima@thuis.example"]
    assert mail.outbox[-1].subject == "Your address for Kring is changed"
    assert list(EmailAddress.objects.filter(user=mother).values_list("email", "verified")) == [(mother.email, True)]


def another_address(mother):
    here = sign_in(mother.email)
    ask_change(here, "nieuw@thuis.example")
    here.post("/instellingen/e-mail/code/", {"code": code_in(mail.outbox[-1])})


def another_password(mother):
    with_password(mother)
    new = {"oldpassword": SENTENCE, "password1": "een ander paard in de wei", "password2": "een ander paard in de wei"}
    password_in(mother.email, SENTENCE).post("/instellingen/wachtwoord/", new)


def forgotten_password(mother):
    with_password(mother)
    client = reset(mother.email)
    asked = client.post("/inloggen/wachtwoord-vergeten/code/", {"code": code_in(mail.outbox[-1])})
    client.post(asked["Location"], {"password1": "een ander paard in de wei", "password2": "een ander paard in de wei"})


def first_password(mother):
    chosen = {"password1": SENTENCE, "password2": SENTENCE}
    sign_in(mother.email).post("/instellingen/wachtwoord/kiezen/", chosen)


@pytest.mark.parametrize("hats", [(), (Hat.FAMILY,), (Hat.FAMILY, Hat.STAFF)])
@pytest.mark.parametrize(
    ("change", "ends"),
    [(another_address, True), (another_password, True), (forgotten_password, True), (first_password, False)],
)
def test_whose_calendar_ended_with_it_reads_that_in_the_notice(small, mother, change, ends, hats):
    """In one sentence, whatever the hats; who had none reads nothing of it."""
    come_in(small.staff(mother.email))
    for hat in hats:
        make_address(names_children=False, by=Actor(mother, hat, timezone.now()))
    change(mother)
    deliver_fast()
    told = mail.outbox[-1]
    assert told.to == ["karima@thuis.example"]
    for body in (told.body, told.alternatives[0].content):
        assert body.count("The address for a calendar of your own ended too") == int(ends and bool(hats))
    assert CalendarAddress.objects.count() == (0 if ends else len(hats))


def test_a_calendar_that_was_stopped_before_is_not_told_of(mother):
    by = Actor(mother, Hat.FAMILY, timezone.now())
    make_address(names_children=False, by=by)
    stop_address(by=by)
    another_password(mother)
    deliver_fast()
    assert "calendar" not in mail.outbox[-1].body


def test_somebody_elses_address_stays_theirs_and_is_not_told(mother):
    account("said@thuis.example")
    client = sign_in(mother.email)
    taken, free = ask_change(client, "said@thuis.example"), ask_change(client, "vrij@thuis.example")
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    client.post("/instellingen/e-mail/code/", {"code": code_in(mail.outbox[-1])})
    assert User.objects.get(email="said@thuis.example") != mother


def test_that_an_address_is_expected_is_refused_at_the_claim_and_told_nowhere(small):
    """The mother proves the father's mailbox: nothing tells her that the school expects him, and she is not him."""
    child = small.child()
    mother, father = small.caregiver(child, "karima@thuis.example"), small.caregiver(child, "said@thuis.example")
    client = sign_in(mother.email)
    free, expected = ask_change(client, "vrij@thuis.example"), ask_change(client, "said@thuis.example")
    assert (free.status_code, free["Location"]) == (expected.status_code, expected["Location"])
    client.post("/instellingen/e-mail/code/", {"code": code_in(mail.outbox[-1])})
    sign_in("said@thuis.example")
    father.refresh_from_db()
    assert father.user is None


def test_five_wrong_codes_of_a_new_address_and_no_more_are_compared(mother):
    client = sign_in(mother.email)
    ask_change(client, "nieuw@thuis.example")
    code, session = code_in(mail.outbox[-1]), client.session.session_key
    for _ in range(30):
        again = visitor()
        again.cookies[settings.SESSION_COOKIE_NAME] = session
        again.post("/instellingen/e-mail/code/", {"code": "no code"})
    assert TakenTries.objects.filter(action="guess.account").values_list("taken", flat=True).get() == 5
    client.post("/instellingen/e-mail/code/", {"code": code})
    mother.refresh_from_db()
    assert mother.email == "karima@thuis.example"


def test_the_old_address_opens_nothing_afterwards(mother):
    client = sign_in(mother.email)
    ask_change(client, "nieuw@thuis.example")
    client.post("/instellingen/e-mail/code/", {"code": code_in(mail.outbox[-1])})
    sent = len(mail.outbox)
    visitor().post(DOOR, {"email": "karima@thuis.example"})
    assert len(mail.outbox) == sent


# Own settings.


def test_the_language_is_saved_and_the_name_is_the_schools(mother):
    client, name = sign_in(mother.email), mother.name
    client.post("/instellingen/", {"name": "Jan van der Berg", "language": "en"})
    mother.refresh_from_db()
    assert (mother.name, mother.language) == (name, "en")
    assert "Settings" in client.get("/instellingen/").content.decode()


def test_an_unknown_language_is_refused(mother):
    response = sign_in(mother.email).post("/instellingen/", {"language": "xx"})
    assert response.status_code == 422


def test_help_names_the_teacher_the_management_and_no_address(small, mother):
    come_in(small.staff("anna@school.example", group=small.group))
    small.directie("petra@school.example")
    body = sign_in(mother.email).get("/hulp/").content.decode()
    assert "juf Anna" in body
    assert "0597-01 23 45" in body
    assert "@school.example" not in body


def test_each_page_of_the_account_renders(mother):
    with_password(mother)
    client = password_in(mother.email, SENTENCE)
    for path in ("e-mail/", "wachtwoord/", "apparaten/", "tweede-stap/", "tweede-stap/aan/"):
        response = client.get(f"/instellingen/{path}")
        if response.status_code == 302:
            client.post(response["Location"], {"password": SENTENCE})
            response = client.get(f"/instellingen/{path}")
        assert response.status_code == 200
