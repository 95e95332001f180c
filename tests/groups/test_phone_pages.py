"""A phone is turned on and off by who holds it, shows what was chosen, and keeps nothing after signing out."""

import re
import uuid
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from groups.accounts.services.sessions import sign_out_everywhere
from groups.models import UNCHOSEN, UNCHOSEN_ON_PHONE, ContactChoice, NewsKind
from groups.people.services.contact_choices import (
    choose_phone,
    choose_way,
    phones_showing,
    shown_on_phones,
    ways_of,
)
from groups.people.services.phones import turn_off
from portal.core.actor import clock
from portal.core.models import AuditEvent, PushDevice, User
from portal.core.phones import devices
from tests.cast import SIGN_IN, Cast
from tests.core.push_service import KEY, SUBJECT, Browser
from tests.groups.test_second_factor import sign_in

PAGE, ON, STILL = "/instellingen/nieuws/", "/instellingen/nieuws/apparaat/", "/instellingen/nieuws/apparaat/nog/"
RENEWED = "/instellingen/nieuws/apparaat/anders/"
SERVICE = "https://push.example"


@pytest.fixture(autouse=True)
def _offered(settings: Any) -> None:
    settings.KRING_PUSH_KEY, settings.KRING_PUSH_SUBJECT, settings.KRING_PUSH_SERVICES = KEY, SUBJECT, [SERVICE]


@pytest.fixture
def mother(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mother, backend=SIGN_IN)
    return client


def given(browser: Browser) -> dict[str, str]:
    return {"endpoint": f"{SERVICE}/{browser.name}", "p256dh": browser.p256dh, "auth": browser.auth}


def turned_on(client: Client, name: str = "een") -> PushDevice:
    assert client.post(ON, given(Browser(name))).url == f"{PAGE}#here"  # type: ignore[attr-defined]
    return PushDevice.objects.get(endpoint=f"{SERVICE}/{name}")


def page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_without_a_key_the_page_does_not_speak_of_it(cast: Cast, mother: Client, settings: Any) -> None:
    settings.KRING_PUSH_KEY = ""
    assert "phone" not in page(mother)
    assert mother.post(ON, given(Browser("een"))).status_code == 302
    assert not PushDevice.objects.exists()


def test_it_is_turned_on_seen_and_turned_off(cast: Cast, mother: Client) -> None:
    before = page(mother)
    assert "data-phone=" in before
    assert 'name="phone"' not in before
    device = turned_on(mother)
    assert (device.user, device.session_key) == (cast.mother, mother.session.session_key)
    after = page(mother)
    assert "data-phone=" not in after
    assert "Dit apparaat laat nieuws van Kring zien." in after
    for secret in (device.endpoint, device.p256dh, device.auth, device.session_key):
        assert secret not in after
    assert mother.post(f"{ON}{device.uid}/uit/").status_code == 302
    assert not PushDevice.objects.exists()
    verbs = AuditEvent.objects.filter(verb__startswith="account.phone").values_list("verb", "actor_uid", "school_uid")
    assert set(verbs) == {
        ("account.phone_on", cast.mother.uid, cast.linde.uid),
        ("account.phone_off", cast.mother.uid, cast.linde.uid),
    }


def test_a_double_click_is_one_phone(cast: Cast, mother: Client) -> None:
    first = turned_on(mother)
    assert turned_on(mother).uid == first.uid
    assert mother.post(f"{ON}{first.uid}/uit/").status_code == 302
    assert mother.post(f"{ON}{first.uid}/uit/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"endpoint": "https://kwaad.example/x", "p256dh": Browser("x").p256dh, "auth": Browser("x").auth},
        {"endpoint": f"{SERVICE}/x", "p256dh": "x" * 200, "auth": "x"},
        {"endpoint": f"{SERVICE}/x\x00", "p256dh": "x", "auth": "x"},
    ],
)
def test_what_is_no_phone_is_refused_in_words(cast: Cast, mother: Client, wrong: dict[str, str]) -> None:
    answer = mother.post(ON, wrong, follow=True)
    assert "Dat lukte niet op dit apparaat." in answer.content.decode()
    assert not PushDevice.objects.exists()


def test_not_on_a_device_that_others_use_too(cast: Cast, mother: Client) -> None:
    session = mother.session
    session.set_expiry(0)
    session.save()
    assert "Anderen gebruiken dit apparaat ook. Daarom komt hier geen nieuws." in page(mother)
    mother.post(ON, given(Browser("een")))
    assert not PushDevice.objects.exists()


def test_nobody_turns_off_or_sees_the_phone_of_somebody_else(cast: Cast, mother: Client) -> None:
    device, father = turned_on(mother), Client()
    father.force_login(cast.father, backend=SIGN_IN)
    assert str(device.uid) not in page(father)
    assert father.post(f"{ON}{device.uid}/uit/").status_code == 404
    assert not turn_off(user=cast.father, uid=uuid.uuid4(), now=timezone.now())
    assert PushDevice.objects.get().user == cast.mother


def test_a_second_device_is_listed_without_saying_which(cast: Cast, mother: Client) -> None:
    turned_on(mother)
    other = Client(HTTP_USER_AGENT="Vingerafdruk/1.0")
    other.force_login(cast.mother, backend=SIGN_IN)
    turned_on(other, "twee")
    listed = page(mother)
    assert re.findall(r"<b>(Dit apparaat|Een ander apparaat)</b>", listed) == ["Dit apparaat", "Een ander apparaat"]
    assert "Vingerafdruk" not in listed


def test_signing_out_leaves_nothing(cast: Cast, mother: Client) -> None:
    turned_on(mother)
    elsewhere = Client()
    elsewhere.force_login(cast.mother, backend=SIGN_IN)
    turned_on(elsewhere, "thuis")
    answer = mother.post("/uitloggen/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert [one.endpoint for one in PushDevice.objects.all()] == [f"{SERVICE}/thuis"]


def test_signing_out_on_the_other_devices_takes_their_phones_along(cast: Cast, mother: Client) -> None:
    turned_on(mother)
    elsewhere = Client()
    elsewhere.force_login(cast.mother, backend=SIGN_IN)
    key = turned_on(elsewhere, "kwijt").session_key
    UserSession.objects.create(user=cast.mother, session_key=key, ip="192.0.2.1", user_agent="")
    sign_out_everywhere(users=[cast.mother.pk], keep=mother.session.session_key or "", by=clock(timezone.now()))
    assert [one.endpoint for one in PushDevice.objects.all()] == [f"{SERVICE}/een"]


@pytest.mark.parametrize(("address", "has_one"), [("wachtwoord/", True), ("wachtwoord/kiezen/", False)])
def test_another_password_silences_the_phones_that_it_signed_out(cast: Cast, address: str, has_one: bool) -> None:
    """A phone that was lost: its session opens nothing any more, and nothing shows there, though it never comes to say
    so. Back in the right hands it goes on.
    """
    old, new = "een vos springt over 12 hekken", "een andere vos zwemt door 9 sloten"
    if has_one:
        cast.mother.set_password(old)
        cast.mother.save(update_fields=["password"])
    lost, here = sign_in(cast.mother.email), sign_in(cast.mother.email)
    device = turned_on(lost, "kwijt")
    turned_on(here)
    here.post("/inloggen/opnieuw/", {"password": old})
    here.post(f"/instellingen/{address}", {"oldpassword": old, "password1": new, "password2": new})
    assert User.objects.get(pk=cast.mother.pk).check_password(new)
    assert not PushDevice.objects.alive(now=timezone.now()).exists()
    lost.force_login(User.objects.get(pk=cast.mother.pk), backend=SIGN_IN)
    assert lost.post(STILL, {"endpoint": device.endpoint}).status_code == 204


@pytest.mark.parametrize("endpoint", ["", f"{SERVICE}/een\0", f"{SERVICE}/twee"])
def test_what_is_no_address_of_this_phone_is_not_there(mother: Client, endpoint: str) -> None:
    turned_on(mother)
    assert mother.post(STILL, {"endpoint": endpoint}).status_code == 404


@pytest.mark.parametrize("by", ["page", "worker"])
def test_where_others_sign_in_too_it_does_not_go_on(cast: Cast, mother: Client, by: str) -> None:
    """Turned on in a session of before. Now it was ticked that others use it too: who closes the browser has left."""
    device = turned_on(mother)
    Session.objects.all().delete()
    mother.force_login(cast.mother, backend=SIGN_IN)
    session = mother.session
    session.set_expiry(0)
    session.save()
    before = {"endpoint": device.endpoint}
    where, what = (STILL, before) if by == "page" else (RENEWED, {"before": device.endpoint, **given(Browser("twee"))})
    assert mother.post(where, what).status_code == 404
    assert not PushDevice.objects.alive(now=timezone.now()).exists()


def test_who_signs_in_on_the_same_browser_takes_it_or_gives_it_up(cast: Cast, mother: Client) -> None:
    """A tablet on which nobody signed out."""
    device = turned_on(mother)
    mother.force_login(cast.father, backend=SIGN_IN)
    assert not PushDevice.objects.alive(now=timezone.now()).exists()
    assert mother.post(STILL, {"endpoint": device.endpoint}).status_code == 404
    assert not PushDevice.objects.exists()
    mine = turned_on(mother)
    assert (mine.user, mine.uid == device.uid) == (cast.father, False)


def test_the_endpoint_goes_to_who_turns_it_on_last(cast: Cast, mother: Client) -> None:
    before = turned_on(mother)
    father = Client()
    father.force_login(cast.father, backend=SIGN_IN)
    after = turned_on(father)
    assert (after.user, PushDevice.objects.count()) == (cast.father, 1)
    assert after.uid != before.uid


def test_after_coming_in_again_it_goes_on(cast: Cast, mother: Client) -> None:
    device = turned_on(mother)
    Session.objects.all().delete()
    mother.force_login(cast.mother, backend=SIGN_IN)
    assert "data-phone=" in page(mother)
    assert mother.post(STILL, {"endpoint": device.endpoint}).status_code == 204
    assert "data-phone=" not in page(mother)


class TestRenewing:
    """A browser changed its address by itself (`pushsubscriptionchange`): its worker says so."""

    @pytest.fixture(params=["and the one before", "alone"])
    def before(self, request: pytest.FixtureRequest) -> str:
        return f"{SERVICE}/een" if request.param == "and the one before" else ""

    def test_it_is_told_there_from_now_on_and_no_more_at_the_one_before(
        self, cast: Cast, mother: Client, before: str
    ) -> None:
        device = turned_on(mother)
        for _ in range(2):
            assert mother.post(RENEWED, given(Browser("nieuw")) | {"before": before}).status_code == 204
        now = PushDevice.objects.get()
        assert (now.endpoint, now.user, now.session_key) == (f"{SERVICE}/nieuw", cast.mother, device.session_key)
        assert now.p256dh != device.p256dh
        assert now.uid == device.uid, "what waits in the outbox goes there too"

    def test_after_coming_in_again_the_one_before_says_which_it_was(self, cast: Cast, mother: Client) -> None:
        device = turned_on(mother)
        Session.objects.all().delete()
        mother.force_login(cast.mother, backend=SIGN_IN)
        assert mother.post(RENEWED, given(Browser("nieuw"))).status_code == 404
        assert mother.post(RENEWED, given(Browser("nieuw")) | {"before": device.endpoint}).status_code == 204
        assert PushDevice.objects.alive(now=timezone.now()).get().endpoint == f"{SERVICE}/nieuw"

    def test_who_did_not_turn_it_on_or_turned_it_off_is_not_told(self, cast: Cast, mother: Client, before: str) -> None:
        device = turned_on(mother)
        mother.post(f"{ON}{device.uid}/uit/")
        assert mother.post(RENEWED, given(Browser("nieuw")) | {"before": before}).status_code == 404
        assert not PushDevice.objects.exists()

    def test_on_a_tablet_of_two_nobody_is_told_what_is_the_others(self, cast: Cast, mother: Client) -> None:
        device = turned_on(mother)
        mother.force_login(cast.father, backend=SIGN_IN)
        assert mother.post(RENEWED, given(Browser("nieuw")) | {"before": device.endpoint}).status_code == 404
        assert not PushDevice.objects.exists()

    def test_another_browser_of_the_same_person_is_left_alone(self, cast: Cast, mother: Client, before: str) -> None:
        turned_on(mother)
        other = Client()
        other.force_login(cast.mother, backend=SIGN_IN)
        turned_on(other, "thuis")
        mother.post(RENEWED, given(Browser("nieuw")) | {"before": before})
        assert {one.endpoint for one in PushDevice.objects.all()} == {f"{SERVICE}/nieuw", f"{SERVICE}/thuis"}

    @pytest.mark.parametrize("wrong", [{"endpoint": "https://kwaad.example/x"}, {"p256dh": "x"}, {"endpoint": ""}])
    def test_what_is_no_address_takes_the_place_of_none(
        self, cast: Cast, mother: Client, before: str, wrong: dict[str, str]
    ) -> None:
        device = turned_on(mother)
        assert mother.post(RENEWED, given(Browser("nieuw")) | {"before": before} | wrong).status_code == 404
        assert PushDevice.objects.get().endpoint == device.endpoint

    def test_it_needs_the_token_that_it_is_given(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.mother, backend=SIGN_IN)
        devices.keep(
            user=cast.mother, session_key=client.session.session_key or "", **given(Browser("een")), now=timezone.now()
        )
        assert client.post(RENEWED, given(Browser("nieuw"))).status_code == 403
        token = client.get(RENEWED).content.decode()
        assert client.post(RENEWED, given(Browser("nieuw")) | {"csrfmiddlewaretoken": token}).status_code == 204


class TestChoosing:
    def choose(self, cast: Cast, client: Client, kind: str, phone: str) -> int:
        given = {"school": str(cast.linde.uid), "kind": kind, "phone": phone}
        return client.post(PAGE, given).status_code

    @pytest.mark.parametrize("kind", NewsKind)
    @pytest.mark.parametrize("phone", ["yes", "no"])
    def test_a_button_is_one_choice_and_leaves_the_mail_alone(
        self, cast: Cast, mother: Client, kind: NewsKind, phone: str
    ) -> None:
        turned_on(mother)
        before = {one for one, on in UNCHOSEN_ON_PHONE.items() if on}
        for _ in range(2):
            assert self.choose(cast, mother, kind, phone) == 302
        after = before | {kind} if phone == "yes" else before - {kind}
        assert shown_on_phones(users=[cast.mother.pk], school=cast.linde) == {cast.mother.pk: after}
        assert ways_of(users=[cast.mother.pk], school=cast.linde)[cast.mother.pk] == UNCHOSEN
        pressed = re.findall(
            r'name="kind" value="(\w+)".*?name="phone" value="(\w+)" aria-pressed="(\w+)"', page(mother), re.DOTALL
        )
        assert {one for one, _yes, is_on in pressed if is_on == "true"} == after
        [event] = AuditEvent.objects.filter(verb="contact.chosen")
        assert event.facts == {"kinds": [kind], "on_phone": phone == "yes"}
        users = User.objects.filter(pk=cast.mother.pk)
        showing = phones_showing(kind=kind, school=cast.linde, users=users, now=timezone.now())
        assert showing.exists() == (phone == "yes")

    def test_the_mail_chosen_afterwards_leaves_the_phone_alone(self, cast: Cast, mother: Client) -> None:
        now = timezone.now()
        choose_phone(user=cast.mother, school=cast.linde, kind=NewsKind.ASKS, on=False, now=now)
        choose_way(user=cast.mother, school=cast.linde, kinds=[NewsKind.ASKS], way="none", now=now)
        row = ContactChoice.objects.get()
        assert (row.way, row.on_phone) == ("none", False)

    @pytest.mark.parametrize("wrong", [{"phone": "perhaps"}, {"kind": "weather"}])
    def test_what_is_no_choice_changes_nothing(self, cast: Cast, mother: Client, wrong: dict[str, str]) -> None:
        given = {"school": str(cast.linde.uid), "kind": "asks", "phone": "no", **wrong}
        assert mother.post(PAGE, given).status_code == 422
        assert not ContactChoice.objects.exists()

    def test_another_school_does_not_exist_here(self, cast: Cast, mother: Client) -> None:
        given = {"school": str(cast.berk.uid), "kind": "asks", "phone": "no"}
        assert mother.post(PAGE, given).status_code == 404


def test_staff_read_what_a_phone_shows_of_their_work(cast: Cast, client: Client) -> None:
    client.force_login(cast.teacher, backend=SIGN_IN)
    assert "Je telefoon toont wie je schrijft" in page(client)
    assert 'href="/instellingen/nieuws/"' in client.get("/instellingen/").content.decode()
