"""Passkeys: another way in and never a trap; what a browser sends is not believed before it is checked."""

import json
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from groups.accounts.services.accounts import offers_passkey, settle_passkey_offer
from groups.accounts.services.sessions import settle_second_factor
from portal.core.models import User
from tests.groups.authenticator import SecurityKey
from tests.groups.small_school import NOW, SmallSchool, come_in, visitor
from tests.mail.delivering import deliver_fast

pytestmark = pytest.mark.django_db
LOGIN = "/inloggen/passkey/"
SECOND_STEP = "/inloggen/tweede-stap/"


@pytest.fixture
def mother() -> User:
    small = SmallSchool.make()
    return come_in(small.caregiver(small.child(), "karima@thuis.example"))


def passkey_of(user: User) -> Authenticator:
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "", "credential": {}}
    )


def signed_in(user: User):
    client = visitor()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def come_in_by_code(user: User):
    client = visitor()
    client.post("/inloggen/", {"email": user.email})
    code = next(word for word in mail.outbox[-1].body.split() if len(word) == 7 and word[3] == "-")
    return client.post("/inloggen/code/", {"code": code})


def test_who_has_a_passkey_still_comes_in_with_a_code(mother):
    passkey_of(mother)
    assert come_in_by_code(mother)["Location"] == "/"


def test_the_second_step_is_still_asked_for_when_the_code_comes_by_mail(mother):
    passkey_of(mother)
    TOTP.activate(mother, generate_totp_secret())
    assert come_in_by_code(mother)["Location"] == reverse("mfa_authenticate")


def test_a_passkey_is_no_second_step_for_who_needs_one(mother, settings):
    settings.KRING_SECOND_FACTOR = True
    mother.needs_second_factor = True
    mother.save()
    passkey_of(mother)
    assert signed_in(mother).get("/thuis/berichten/")["Location"] == reverse("mfa_activate_totp")


ODD = [
    "",
    "x",
    "null",
    "[]",
    "1",
    '"x"',
    "{}",
    '{"id": 1}',
    '{"response": null}',
    '{"response": {"userHandle": 5}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "AA"}}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
                "clientDataJSON": "e30",
                "authenticatorData": "A" * 60,
                "signature": "AA",
            },
            "clientExtensionResults": {},
        }
    ),
    "{" * 2000,
]


@pytest.mark.parametrize("credential", ODD)
@pytest.mark.parametrize("begun", [True, False])
def test_whatever_is_sent_is_one_refusal(credential, begun):
    client = visitor()
    if begun:
        options = client.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]["publicKey"]
        assert options["userVerification"] == "required"
        assert not options.get("allowCredentials")
    response = client.post(LOGIN, {"credential": credential})
    assert (response.status_code, response["Location"]) == (302, "/inloggen/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("credential", ODD)
def test_an_odd_new_passkey_is_refused(mother, credential):
    client = signed_in(mother)
    page = client.get("/instellingen/passkeys/nieuw/")
    options = json.loads(page.context["options"])["publicKey"]
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert client.post("/instellingen/passkeys/nieuw/", {"credential": credential}).status_code == 200
    assert not Authenticator.objects.filter(user=mother).exists()


def test_another_persons_passkey_cannot_be_removed(mother):
    key = passkey_of(mother)
    small = SmallSchool.make("99YY")
    other = signed_in(come_in(small.caregiver(small.child(), "said@thuis.example")))
    assert other.post(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 404
    mine = signed_in(mother)
    assert mine.get(reverse("mfa_list_webauthn")).status_code == 200
    mine.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.filter(user=mother).exists()
    deliver_fast()
    assert mail.outbox[-1].to == [mother.email]


def test_offered_from_the_second_visit_on_and_once(mother):
    now = timezone.now()
    assert not offers_passkey(mother, now=now)
    assert offers_passkey(mother, now=now + timedelta(days=1))
    User.objects.filter(pk=mother.pk).update(created_at=now - timedelta(days=1))
    client = signed_in(mother)
    offer = "data-passkey-offer"
    assert offer in client.get("/thuis/berichten/").content.decode()
    assert client.post(reverse("groups:no_passkey")).status_code == 302
    assert offer not in client.get("/thuis/berichten/").content.decode()
    mother.refresh_from_db()
    assert mother.passkey_offered_at
    settle_passkey_offer(user=mother, now=now)
    assert not offers_passkey(mother, now=now + timedelta(days=9))


def test_every_passkey_page_forbids_inline_code(mother):
    client = signed_in(mother)
    for path in ("/instellingen/passkeys/", "/instellingen/passkeys/nieuw/"):
        response = client.get(path)
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert "<script>" not in response.content.decode()


@pytest.fixture
def head(settings):
    """A directie, who needs a second factor and has one."""
    settings.KRING_SECOND_FACTOR = True
    user = SmallSchool.make("99YY").directie("petra@school.example")
    settle_second_factor(user=user, now=NOW)
    user.app = generate_totp_secret()
    TOTP.activate(user, user.app)
    return user


def with_passkey(user: User) -> SecurityKey:
    """`user` made a passkey on the page for it, and knew the key's code."""
    client, key = signed_in(user), SecurityKey()
    page = client.get("/instellingen/passkeys/nieuw/")
    if page.status_code == 302:  # who has a second factor proves it first
        code = format_hotp_value(hotp_value(user.app, int(time.time()) // 30))
        page = client.post(page["Location"], {"code": code}, follow=True)
    made = key.make(json.loads(page.context["options"])["publicKey"])
    assert client.post("/instellingen/passkeys/nieuw/", {"credential": made})["Location"] == "/instellingen/passkeys/"
    return key


def asked_of(client) -> dict:
    return client.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]["publicKey"]


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def at_the_second_step(user: User):
    """A code by mail has been typed; the app's code is asked for."""
    client = visitor()
    client.post("/inloggen/", {"email": user.email})
    code = next(word for word in mail.outbox[-1].body.split() if len(word) == 7 and word[3] == "-")
    assert client.post("/inloggen/code/", {"code": code})["Location"] == SECOND_STEP
    return client


def test_a_passkey_that_knew_its_owner_is_two_factors(head):
    key, client = with_passkey(head), visitor()
    assert client.post(LOGIN, {"credential": key.sign(asked_of(client))})["Location"] == "/"
    assert client.get("/school/mensen/").status_code == 200


@pytest.mark.parametrize("shared", [True, False])
def test_where_others_sign_in_too_a_passkey_opens_until_the_browser_closes(mother, settings, shared):
    key, client = with_passkey(mother), visitor()
    client.post(LOGIN, {"credential": key.sign(asked_of(client)), **({"shared": "on"} if shared else {})})
    stays = bool(client.cookies[settings.SESSION_COOKIE_NAME]["max-age"])
    assert (is_in(client), stays, settings.KRING_DEVICE_COOKIE in client.cookies) == (True, not shared, not shared)


def test_a_passkey_that_asked_nobody_is_none(head, mother):
    """Found on a table: the key alone lets nobody in, whatever the role; a code by mail, and then the app, does."""
    for user in (head, mother):
        key, client = with_passkey(user), visitor()
        key.verifies = False
        answer = client.post(LOGIN, {"credential": key.sign(asked_of(client))})
        assert (answer["Location"], is_in(client)) == ("/inloggen/", False)
    assert not is_in(at_the_second_step(head))


def test_the_second_step_asks_for_the_owner_too(head):
    key = with_passkey(head)
    for verifies in (False, True):
        client = at_the_second_step(head)
        asked = client.get(SECOND_STEP).context["js_data"]["request_options"]["publicKey"]
        assert asked["userVerification"] == "required"
        key.verifies = verifies
        client.post(SECOND_STEP, {"credential": key.sign(asked)})
        assert is_in(client) is verifies


def test_a_question_of_one_page_cannot_be_answered_weakly_on_another(head, settings):
    """Both pages keep their question in one place of the session; it outlives the sign-in that lapsed."""
    settings.MFA_WEBAUTHN_USER_VERIFICATION = "preferred"
    key, client = with_passkey(head), at_the_second_step(head)
    asked = client.get(SECOND_STEP).context["js_data"]["request_options"]["publicKey"]
    session = client.session
    del session["account_login"]
    session.save()
    key.verifies = False
    client.post(LOGIN, {"credential": key.sign(asked)})
    assert not is_in(client)


def test_a_library_that_asks_less_still_lets_no_such_key_in(head, settings):
    """What we accept does not follow from what was asked for."""
    settings.MFA_WEBAUTHN_USER_VERIFICATION = "discouraged"
    key, client = with_passkey(head), at_the_second_step(head)
    asked = client.get(SECOND_STEP).context["js_data"]["request_options"]["publicKey"]
    key.verifies = False
    for page in (SECOND_STEP, LOGIN):
        client.post(page, {"credential": key.sign(asked)})
        assert not is_in(client)


@pytest.mark.parametrize("credential", ODD)
def test_whatever_is_sent_at_the_second_step_is_one_refusal(head, credential):
    client = at_the_second_step(head)
    client.get(SECOND_STEP)
    assert client.post(SECOND_STEP, {"credential": credential}).status_code == 200
    assert not is_in(client)


def test_a_passkey_of_somebody_else_opens_nothing(head, mother):
    key, client = with_passkey(mother), visitor()
    theirs = with_passkey(head)
    key.user_handle = theirs.user_handle
    client.post(LOGIN, {"credential": key.sign(asked_of(client))})
    assert not is_in(client)


def test_signing_in_with_a_passkey_once_is_not_for_ever(head):
    """The passkey of an earlier session does not skip the app when a code by mail comes later."""
    key, client = with_passkey(head), visitor()
    client.post(LOGIN, {"credential": key.sign(asked_of(client))})
    client.post("/uitloggen/")
    client.post("/inloggen/", {"email": head.email})
    code = next(word for word in mail.outbox[-1].body.split() if len(word) == 7 and word[3] == "-")
    assert client.post("/inloggen/code/", {"code": code})["Location"] == SECOND_STEP
