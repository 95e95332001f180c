"""Coming in by a code: for whom it works, and that nobody else learns anything."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.accounts.services.notices import send_notice
from groups.models import Caregiver, Level
from portal.core.models import Code, KnownPlace, User
from portal.core.templatetags.kring import clock
from tests.groups.small_school import SmallSchool, account, come_in, visitor
from tests.mail.delivering import deliver_fast

pytestmark = pytest.mark.django_db
DOOR = "/inloggen/"
CODE_PAGE = "/inloggen/code/"
RESET = "/inloggen/wachtwoord-vergeten/"


@pytest.fixture
def client():
    return visitor()


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


def ask(client, address, **more):
    return client.post(DOOR, {"email": address, **more})


def code_in(message) -> str:
    return re.search(r"\b(\d{3}-\d{3})\b", message.body)[1]


def sign_in(client, address, **more):
    ask(client, address, **more)
    return client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})


def test_a_caregiver_is_in_after_address_and_code(client, small):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    response = ask(client, "Karima@Thuis.example")
    assert (response.status_code, response["Location"]) == (302, CODE_PAGE)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["karima@thuis.example"], "Your code for Kring")
    done = client.post(CODE_PAGE, {"code": code_in(message)})
    assert (done.status_code, done["Location"]) == (302, "/")
    mother.refresh_from_db()
    assert mother.user is not None
    assert mother.user.name == mother.full_name
    assert client.get("/")["Location"] == "/thuis/berichten/"


def test_the_code_is_accepted_without_its_dash(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    assert client.post(CODE_PAGE, {"code": code_in(mail.outbox[0]).replace("-", " ")})["Location"] == "/"


def test_nothing_is_claimed_before_the_proof(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    client.post(CODE_PAGE, {"code": "000-000"})
    assert not Caregiver.objects.filter(school=small.school, user__isnull=False).exists()
    assert not EmailAddress.objects.filter(email="karima@thuis.example", verified=True).exists()
    assert client.get("/").status_code == 302


ADDRESSES = {
    "known": "anna@school.example",
    "expected": "karima@thuis.example",
    "unverified": "said@thuis.example",
    "shared": "info@thuis.example",
    "unknown": "niemand@elders.example",
    "inactive": "weg@thuis.example",
}


@pytest.fixture
def people(small):
    come_in(small.staff(ADDRESSES["known"], group=small.group))
    small.caregiver(small.child(), ADDRESSES["expected"])
    small.caregiver(small.child(), ADDRESSES["unverified"], level=Level.UNVERIFIED)
    small.caregiver(small.child(), ADDRESSES["shared"])
    small.caregiver(small.child(), ADDRESSES["shared"])
    User.objects.filter(pk=account(ADDRESSES["inactive"]).pk).update(is_active=False)


def seen_by(address):
    """Everything a stranger sees who asks a code for `address`, with the address itself taken out."""
    client = visitor()
    asked = ask(client, address)
    page = client.get(CODE_PAGE)
    wrong = client.post(CODE_PAGE, {"code": "000-000"})
    again = client.post(CODE_PAGE, {"action": "resend"})
    return [
        (answer.status_code, sorted(answer.headers.items()), strip(answer.content.decode(), address))
        for answer in (asked, page, wrong, again)
    ]


def strip(body, address):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|data-csrf="\w+"', "", body).replace(address, "ADDRESS")


def test_a_stranger_cannot_tell_who_is_known(people):
    views = {name: seen_by(address) for name, address in ADDRESSES.items()}
    lengths = {name: re.sub(r"\d+", "", str(view)) for name, view in views.items()}
    assert {name for name in views if lengths[name] != lengths["unknown"]} == set()
    assert {message.to[0] for message in mail.outbox} == {ADDRESSES["known"], ADDRESSES["expected"]}


@pytest.mark.parametrize("way", ["door", "code page", "code", "second code", "password", "reset code"])
def test_the_time_of_an_answer_tells_no_stranger_who_is_known(people, way):
    """A question more, or a row that is written down for the known alone, takes a millisecond more."""
    known = User.objects.get(email=ADDRESSES["known"])
    known.set_password("een vos springt over 12 hekken")
    known.save()
    asked = {}
    for name, address in ADDRESSES.items():
        stranger, page = visitor(), f"{DOOR}wachtwoord/"
        if way != "password":
            page = stranger.post(RESET if way == "reset code" else DOOR, {"email": address})["Location"]
        wrong = {"login": address, "password": "een verkeerd wachtwoord", "code": "000-000"}
        if way == "second code":
            stranger.post(page, wrong)
        with CaptureQueriesContext(connection) as questions:
            if way in ("door", "code page"):
                stranger.get(DOOR if way == "door" else page)
            else:
                stranger.post(page, wrong)
        asked[name] = len(questions)
    assert set(asked.values()) == {asked["unknown"]}, asked


def test_an_unknown_address_makes_no_rows(client, people):
    before = User.objects.count()
    ask(client, ADDRESSES["unknown"])
    ask(client, ADDRESSES["unverified"])
    assert User.objects.count() == before


def test_asking_often_is_stopped_for_that_visitor_only(small):
    small.caregiver(small.child(), "karima@thuis.example")
    at_home = {"REMOTE_ADDR": "198.51.100.7"}
    sign_in(visitor(**at_home), "karima@thuis.example")
    mail.outbox.clear()
    attacker = visitor(REMOTE_ADDR="203.0.113.9")
    answers = []
    for _ in range(7):
        answers.append(ask(attacker, "karima@thuis.example").status_code)
        attacker.cookies.clear()
    assert answers == [302] * 5 + [200] * 2
    assert len(mail.outbox) == 5 - 1
    assert sign_in(visitor(**at_home), "karima@thuis.example").status_code == 302
    assert len(mail.outbox) == 5


def test_from_many_networks_at_most_five_mails_an_hour_and_from_home_always_five_more(small):
    small.caregiver(small.child(), "karima@thuis.example")
    home, phone = visitor(REMOTE_ADDR="2001:db8:1:2::7"), visitor(REMOTE_ADDR="198.51.100.1")
    for own in (home, phone):
        sign_in(own, "karima@thuis.example")
    mail.outbox.clear()
    asked = {ask(visitor(REMOTE_ADDR=f"203.0.113.{place}"), "karima@thuis.example").status_code for place in range(40)}
    assert (asked, len(mail.outbox)) == ({302}, 5 - 2)
    mail.outbox.clear()
    for _ in range(6):
        ask(visitor(REMOTE_ADDR="2001:db8:1:2:ffff::9"), "karima@thuis.example")
    assert len(mail.outbox) == 5 - 1
    mail.outbox.clear()
    device = phone.cookies[settings.KRING_DEVICE_COOKIE].value
    for place in range(6):
        away = visitor(REMOTE_ADDR=f"192.0.2.{place}")
        away.cookies[settings.KRING_DEVICE_COOKIE] = device
        ask(away, "karima@thuis.example")
    assert len(mail.outbox) == 5


def test_a_known_place_stays_known_to_its_owner_only(small):
    small.caregiver(small.child(), "karima@thuis.example")
    own = visitor(REMOTE_ADDR="198.51.100.7")
    sign_in(own, "karima@thuis.example")
    cookie = own.cookies[settings.KRING_DEVICE_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 24 * 3600)
    assert {len(place.digest) for place in KnownPlace.objects.all()} == {64}
    own.post("/uitloggen/")
    assert own.cookies[settings.KRING_DEVICE_COOKIE].value == ""


def test_a_shared_device_is_not_remembered(small):
    small.caregiver(small.child(), "karima@thuis.example")
    shared = visitor()
    sign_in(shared, "karima@thuis.example", shared="on")
    assert settings.KRING_DEVICE_COOKIE not in shared.cookies
    assert not KnownPlace.objects.exists()


def test_a_new_mail_carries_the_same_code_and_gives_no_new_tries(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    client.post(CODE_PAGE, {"code": "no code"})
    client.post(CODE_PAGE, {"action": "resend"})
    first, second = mail.outbox
    assert code_in(first) == code_in(second)
    assert Code.objects.get().tries_left == 4
    assert client.post(CODE_PAGE, {"code": code_in(first)})["Location"] == "/"


def test_asking_for_a_new_mail_is_counted_too_and_the_code_stays(small):
    small.caregiver(small.child(), "karima@thuis.example")
    for _ in range(3):
        ask(visitor(), "karima@thuis.example")
    client = visitor()
    ask(client, "karima@thuis.example")
    code = code_in(mail.outbox[-1])
    for _ in range(2):
        answer = client.post(CODE_PAGE, {"action": "resend"}, follow=True)
    assert "You asked for a code often" in answer.content.decode()
    assert len(mail.outbox) == 5
    assert client.post(CODE_PAGE, {"code": code})["Location"] == "/"


def test_after_ten_wrong_codes_the_next_one_has_letters(small):
    small.caregiver(small.child(), "karima@thuis.example")
    for place in range(2):
        guesser = visitor(REMOTE_ADDR=f"203.0.113.{place}")
        ask(guesser, "karima@thuis.example")
        for _ in range(5):
            guesser.post(CODE_PAGE, {"code": "no code"})
    owner = visitor()
    ask(owner, "karima@thuis.example")
    page = owner.get(CODE_PAGE).content.decode()
    assert "ten letters and digits" in page
    assert ("six digits" in page, 'inputmode="numeric"' in page) == (False, False)
    found = re.search(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", mail.outbox[-1].body)
    assert "longer" in mail.outbox[-1].body
    assert owner.post(CODE_PAGE, {"code": found[0].lower().replace("-", "")})["Location"] == "/"


def test_codes_get_longer_for_an_unknown_address_too(small):
    for place in range(2):
        guesser = visitor(REMOTE_ADDR=f"203.0.113.{place}")
        ask(guesser, "niemand@elders.example")
        for _ in range(5):
            guesser.post(CODE_PAGE, {"code": "no code"})
    client = visitor()
    ask(client, "niemand@elders.example")
    assert "ten letters and digits" in client.get(CODE_PAGE).content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@b",
        "a@@b.nl",
        "a@b..nl",
        "a b@x.nl",
        '"q"@x.nl',
        "a@x.nl\r\nBcc: b@x.nl",
        "a" * 320 + "@x.nl",
        "a%0a@",
    ],
)
def test_what_is_no_address_comes_back_with_a_sentence(client, small, address):
    response = ask(client, address)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert mail.outbox == []


@pytest.mark.parametrize(
    "address",
    [
        "ömer@thuis.example",
        "ömer@THUIS.example",
        "o'neil+kring@thuis.example",
        "a@müller.example",
        "a@xn--mller-kva.example",
    ],
)
def test_real_peoples_addresses_come_in(client, small, address):
    small.caregiver(small.child(), address.casefold())
    assert sign_in(client, address)["Location"] == "/"


def test_a_lookalike_address_is_another_address(client, small):
    small.caregiver(small.child(), "admin@exаmple.nl".replace("а", "a"))
    ask(client, "admin@exаmple.nl")
    assert mail.outbox == []


@pytest.mark.parametrize("target", ["//evil.example", "https:evil.example", "\\\\evil.example", "javascript:alert(1)"])
def test_a_foreign_next_is_forgotten(client, small, target):
    small.caregiver(small.child(), "karima@thuis.example")
    client.post(f"{DOOR}?next={target}", {"email": "karima@thuis.example", "next": target})
    done = client.post(f"{CODE_PAGE}?next={target}", {"code": code_in(mail.outbox[-1]), "next": target})
    assert done["Location"] == "/"


def test_a_next_of_our_own_is_followed(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    assert client.get("/instellingen/")["Location"] == f"{DOOR}?next=/instellingen/"
    asked = client.post(DOOR, {"email": "karima@thuis.example", "next": "/instellingen/"})
    done = client.post(asked["Location"], {"code": code_in(mail.outbox[-1]), "next": "/instellingen/"})
    assert done["Location"] == "/instellingen/"


def test_a_session_somebody_planted_does_not_survive_signing_in(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    planted = client.session.session_key
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    assert client.session.session_key != planted


def test_a_code_is_too_old_after_a_quarter_of_an_hour(client, small, time_machine_to):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    time_machine_to(timezone.now() + timedelta(seconds=901))
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[-1])})
    assert "_auth_user_id" not in client.session


@pytest.fixture
def time_machine_to(monkeypatch):
    travels = []

    def go(moment):
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        travels.append(traveller)

    yield go
    for traveller in travels:
        traveller.stop()


def test_five_wrong_codes_end_the_attempt(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    ask(client, "karima@thuis.example")
    code = code_in(mail.outbox[-1])
    for _ in range(5):
        client.post(CODE_PAGE, {"code": "000-001"})
    client.post(CODE_PAGE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_form_from_elsewhere_signs_nobody_in(small):
    small.caregiver(small.child(), "karima@thuis.example")
    browser = visitor(enforce_csrf_checks=True)
    assert ask(browser, "karima@thuis.example").status_code == 403
    other_site = visitor()
    answer = other_site.post(DOOR, {"email": "karima@thuis.example"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert mail.outbox == []


@pytest.mark.parametrize(
    "error", [SMTPRecipientsRefused({"karima@thuis.example": (550, b"no")}), UnicodeError("label too long")]
)
def test_a_refusal_for_one_address_looks_like_any_other(client, small, monkeypatch, error):
    def refuse(self, messages):
        raise error

    small.caregiver(small.child(), "karima@thuis.example")
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert ask(client, "karima@thuis.example")["Location"] == CODE_PAGE


def test_a_deactivated_person_is_out_at_the_next_click(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    sign_in(client, "karima@thuis.example")
    User.objects.update(is_active=False)
    assert client.get("/instellingen/").status_code == 302


def test_on_a_shared_device_the_session_ends_with_the_browser(small):
    small.caregiver(small.child(), "karima@thuis.example")
    own, shared = visitor(), visitor()
    sign_in(own, "karima@thuis.example")
    assert own.session.get_expire_at_browser_close() is False
    sign_in(shared, "karima@thuis.example", shared="on")
    assert shared.session.get_expire_at_browser_close() is True


def test_signing_out_is_a_post_and_clears_the_device(client, small):
    small.caregiver(small.child(), "karima@thuis.example")
    sign_in(client, "karima@thuis.example")
    assert client.get("/uitloggen/").status_code == 200
    assert client.get("/instellingen/").status_code == 200
    response = client.post("/uitloggen/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response["Location"] == DOOR
    assert client.get("/instellingen/").status_code == 302
    assert client.post("/instellingen/", {"language": "nl"}).status_code == 302


def test_another_address_can_be_typed_after_asking(client, small):
    ask(client, "typfout@thuis.example")
    assert client.get(DOOR).status_code == 302
    assert client.post("/uitloggen/", {"next": DOOR})["Location"] == DOOR
    assert client.get(DOOR).status_code == 200


@pytest.mark.parametrize("path", ["/signup/", "/inloggen/signup/", "/3rdparty/", "/social/signup/", "/2fa/", "/login/"])
def test_what_we_do_not_use_is_not_there(client, path):
    assert client.get(path).status_code == 404


class Broken:
    def __init__(self, *args, **kwargs):
        pass

    def open(self):
        raise ConnectionRefusedError


@pytest.mark.parametrize("address", ["karima@thuis.example", "niemand@elders.example"])
def test_when_mail_cannot_leave_the_page_is_the_same(client, small, monkeypatch, address):
    small.caregiver(small.child(), "karima@thuis.example")
    monkeypatch.setattr("portal.core.outbox.delivery.get_connection", Broken)
    assert ask(client, address)["Location"] == CODE_PAGE
    assert client.post("/inloggen/wachtwoord-vergeten/", {"email": address}).status_code == 302


@pytest.mark.parametrize("page", [DOOR, "/inloggen/wachtwoord-vergeten/"])
def test_an_account_begins_in_the_language_in_which_one_asks(client, small, page):
    small.caregiver(small.child(), "karima@thuis.example")
    client.post(page, {"email": "karima@thuis.example"}, headers={"accept-language": "en"})
    assert User.objects.get(email="karima@thuis.example").language == "en"


def test_when_mail_does_not_leave_everybody_reads_it(small, the_fast_lane_rests):
    """Since when, and nothing about the address that was typed."""
    began = timezone.now() - timedelta(minutes=3)
    mother = small.caregiver(small.child(), "karima@thuis.example")
    send_notice(name="password_changed", user=account("said@thuis.example"), address="said@thuis.example", now=began)
    for address in (mother.email, "niemand@elders.example"):
        client = visitor()
        assert f"E-mail has not worked since today {clock(began)}." in client.get(DOOR).content.decode()
        assert ask(client, address).status_code == 302
        page = client.get(CODE_PAGE).content.decode()
        assert f"E-mail has not worked since today {clock(began)}." in page
        assert "E-mail works." not in page
    deliver_fast()
    for address in (mother.email, "niemand@elders.example"):
        client = visitor()
        assert "E-mail" not in client.get(DOOR).content.decode()
        ask(client, address)
        assert "E-mail works." in client.get(CODE_PAGE).content.decode()


@pytest.mark.parametrize("address", ["a@" + "é" * 60 + ".nl", "x@post\n.nl", "jörg@post.example"])
def test_an_odd_address_is_answered_alike_known_or_not(client, small, address):
    unknown = ask(client, address).status_code
    small.caregiver(small.child(), address)
    assert ask(visitor(), address).status_code == unknown in {200, 302}


@pytest.mark.parametrize("minutes", [14, 16])
def test_a_code_that_is_too_late_says_so(client, small, minutes):
    """Not a form that is empty again, without a word."""
    small.caregiver(small.child(), "karima@thuis.example")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(client, "karima@thuis.example")
        late = code_in(mail.outbox[-1])
        clock.shift(timedelta(minutes=minutes))
        done = client.post(CODE_PAGE, {"code": late}, follow=True)
    words = "This code works no longer. Ask for a new one here."
    assert (words in done.content.decode(), done.redirect_chain[0][0]) == (
        (True, DOOR) if minutes > 15 else (False, "/")
    )


def test_who_opens_the_page_for_a_code_without_one_is_told_nothing(client, db):
    assert "works no longer" not in client.get(CODE_PAGE, follow=True).content.decode()


def code_to(address) -> str:
    return code_in(next(one for one in reversed(mail.outbox) if one.to == [address] and "code" in one.subject))


def test_who_proves_another_address_has_what_the_school_has_under_it_at_once(client, small):
    new = "anna.thuis@thuis.example"
    come_in(small.staff("anna@school.example", group=small.group))
    small.caregiver(small.child(), new, first_name="Anna")
    sign_in(client, "anna@school.example")
    client.post("/instellingen/e-mail/", {"email": new, "action_add": "1"})
    client.post("/instellingen/e-mail/code/", {"code": code_to(new)})
    assert client.get("/thuis/berichten/").status_code == 200


def test_a_new_address_is_kept_in_the_tab_until_its_code_came_in(client, small):
    """Without a line the page says that what was half typed is there again later: this form had it no more."""
    small.caregiver(small.child(), "gezin@thuis.example")
    sign_in(client, "gezin@thuis.example")
    page = client.get("/instellingen/e-mail/").content.decode()
    assert 'data-keep="email"' in page
    assert "data-kept" in page
    typed = {"email": "nieuw@thuis.example", "action_add": "1", "kept": "email"}
    sent = client.post("/instellingen/e-mail/", typed, follow=True)
    told = re.findall(r'<input type="hidden" name="kept" value="([^"]*)">', sent.content.decode())
    assert told == ["email"]
    assert "kring-kept" not in sent.content.decode(), "a typing mistake is found by the code that does not come"
    code = {"code": code_to("nieuw@thuis.example"), "kept": told[0]}
    changed = client.post("/instellingen/e-mail/code/", code, follow=True)
    assert '<meta name="kring-kept" content="email">' in changed.content.decode()


def test_an_address_that_is_somebodys_has_a_way_back_to_another_one(client, small):
    """That it is told beside the code: whoever proved that the address is theirs."""
    come_in(small.staff("anna@school.example", group=small.group))
    small.caregiver(small.child(), "gezin@thuis.example")
    sign_in(client, "gezin@thuis.example")
    client.post("/instellingen/e-mail/", {"email": "anna@school.example", "action_add": "1"})
    refused = client.post("/instellingen/e-mail/code/", {"code": code_to("anna@school.example")})
    assert 'href="/instellingen/e-mail/">Use another address</a>' in refused.content.decode()


def test_a_code_in_the_old_mailbox_opens_nothing_after_the_address_changed(client, small):
    """Who left reads that mailbox still, asked it before and types it after; nor does it bring the address back."""
    old, new, other = "gezin@thuis.example", "karima.alleen@thuis.example", visitor()
    small.caregiver(small.child(), old)
    sign_in(client, old)
    ask(other, old)
    other_code = code_to(old)
    client.post("/instellingen/e-mail/", {"email": new, "action_add": "1"})
    client.post("/instellingen/e-mail/code/", {"code": code_to(new)})
    sent = len(mail.outbox)
    other.post(CODE_PAGE, {"code": other_code})
    assert len(mail.outbox) == sent
    assert other.get("/thuis/berichten/").status_code == 302
    assert client.get("/thuis/berichten/").status_code == 200
    assert [one.email for one in EmailAddress.objects.filter(user__email=new)] == [new]


def test_a_new_password_is_not_set_with_a_code_in_the_old_mailbox(client, small):
    old, new, other = "gezin@thuis.example", "karima.alleen@thuis.example", visitor()
    small.caregiver(small.child(), old)
    sign_in(visitor(), old)
    user = User.objects.get(email=old)
    user.set_password("een eigen wachtwoord 12")
    user.save()
    other.post("/inloggen/wachtwoord-vergeten/", {"email": old})
    other_code = code_to(old)
    user.email = new
    user.save()
    EmailAddress.objects.filter(user=user).update(email=new)
    other.post("/inloggen/wachtwoord-vergeten/code/", {"code": other_code})
    words = "een nieuw wachtwoord 77"
    other.post("/inloggen/wachtwoord-vergeten/nieuw/", {"password1": words, "password2": words})
    assert User.objects.get(pk=user.pk).check_password("een eigen wachtwoord 12")
