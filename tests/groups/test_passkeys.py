"""Passkeys: another way in and never a trap; what a browser sends is not believed before it is checked."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from groups.services.accounts import offers_passkey, settle_passkey_offer
from portal.core.models import User
from tests.groups.small_school import SmallSchool, come_in, visitor

pytestmark = pytest.mark.django_db
LOGIN = "/inloggen/passkey/"


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
