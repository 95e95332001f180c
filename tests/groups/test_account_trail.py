"""The trail of accounts: who came in, who was refused, which keys changed; no address, and no flood."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from groups.accounts.services import account_trail
from groups.accounts.services.account_trail import note_refusal
from groups.accounts.services.sessions import sign_out_everywhere
from groups.models import Membership
from groups.records.services.memberships import check_access
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import AuditEvent, User
from portal.core.tasks import clear_sessions
from tests.cast import SIGN_IN, Cast, address
from tests.groups.test_second_factor import app_of, totp

DOOR, CODE, PASSWORD = "/inloggen/", "/inloggen/code/", "/inloggen/wachtwoord/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def told(since: int = 0) -> list[tuple[str, Any, Any]]:
    """What the trail says of accounts: what, who did it, what else."""
    rows = AuditEvent.objects.filter(verb__startswith="account.", pk__gt=since).order_by("pk")
    return [(row.verb.removeprefix("account."), row.actor_uid, row.facts) for row in rows]


def last() -> int:
    return AuditEvent.objects.latest("pk").pk


def code_in_mail() -> str:
    found = re.search(r"\b\d{3}-\d{3}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def with_password(user: Any) -> str:
    user.set_password("een vos springt over 12 hekken")
    user.save()
    return "een vos springt over 12 hekken"


def test_coming_in_by_code_and_going_out(cast: Cast) -> None:
    since, uid, client = last(), cast.mother.uid, Client()
    client.post(DOOR, {"email": address("mother")})
    client.post(CODE, {"code": "000-000"})
    client.post(CODE, {"code": code_in_mail()})
    client.post("/uitloggen/")
    assert told(since) == [
        ("refused", None, {"how": "code"}),
        ("signed_in", uid, {"how": ["code"]}),
        ("signed_out", uid, {}),
    ]
    rows = AuditEvent.objects.filter(pk__gt=since)
    assert {(row.subject_uid, row.school_uid) for row in rows} == {(uid, cast.linde.uid)}


def test_a_wrong_password_names_who_is_known_and_nobody_else(cast: Cast) -> None:
    right, since = with_password(cast.mother), last()
    for login, password in [("mother", "fout"), ("niemand", "fout"), ("mother", right)]:
        Client().post(PASSWORD, {"login": address(login), "password": password})
    rows = AuditEvent.objects.filter(pk__gt=since).order_by("pk")
    assert [(row.verb, row.subject_uid, row.school_uid) for row in rows] == [
        ("account.refused", cast.mother.uid, cast.linde.uid),
        ("account.refused", None, None),
        ("account.signed_in", cast.mother.uid, cast.linde.uid),
    ]
    assert "@" not in json.dumps([row.facts for row in rows])


def test_a_flood_does_not_fill_the_trail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_trail, "MOST_OF_ONE", 3)
    monkeypatch.setattr(account_trail, "MOST_OF_STRANGERS", 2)
    since, now = last(), timezone.now()
    for user in (cast.mother, None):
        for _ in range(5):
            note_refusal(how="password", user=user, now=now)
    assert len(told(since)) == 5
    note_refusal(how="password", user=cast.mother, now=now + timedelta(hours=1))
    assert len(told(since)) == 6


def test_the_second_step_and_its_keys(cast: Cast, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = True
    user, client, since = cast.mother, Client(), last()
    secret = app_of(user)
    client.post(DOOR, {"email": user.email})
    client.post(CODE, {"code": code_in_mail()})
    client.post("/inloggen/tweede-stap/", {"code": "000000"})
    client.post("/inloggen/tweede-stap/", {"code": totp(secret)})
    client.post("/inloggen/opnieuw/tweede-stap/", {"code": totp(secret, 1)})
    client.post("/instellingen/tweede-stap/uit/")
    assert told(since) == [
        ("refused", None, {"how": "totp"}),
        ("signed_in", user.uid, {"how": ["code", "totp"]}),
        ("second_step_removed", user.uid, {}),
    ]


def test_passkeys(cast: Cast) -> None:
    user, client, since = cast.mother, Client(), last()
    client.force_login(user, backend=SIGN_IN)
    client.post("/inloggen/passkey/", {"credential": "{}"})
    Client().post("/inloggen/passkey/", {"credential": '{"id": "AA"}'})
    key = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "", "credential": {}})
    client.post(f"/instellingen/passkeys/{key.pk}/weg/")
    assert [verb for verb, *_ in told(since)][-2:] == ["refused", "passkey_removed"]


def test_a_new_password_and_the_own_settings(cast: Cast) -> None:
    user, client = cast.mother, Client()
    with_password(user)
    client.force_login(User.objects.get(pk=user.pk), backend=SIGN_IN)
    since = last()
    new = "een andere vos zwemt door 9 sloten"
    old = "een vos springt over 12 hekken"
    client.post("/inloggen/opnieuw/", {"password": old})
    client.post("/instellingen/wachtwoord/", {"oldpassword": old, "password1": new, "password2": new})
    assert told(since) == [("password_changed", user.uid, {})]


def test_sessions_that_are_ended(cast: Cast) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        client.post(DOOR, {"email": address("mother")})
        client.post(CODE, {"code": code_in_mail()})
    since = last()
    first.post("/instellingen/apparaten/")
    sign_out_everywhere(users=[cast.mother.pk, cast.father.pk], by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert told(since) == [
        ("signed_out_elsewhere", cast.mother.uid, {"sessions": 1}),
        ("signed_out_elsewhere", cast.directie.uid, {"sessions": 1}),
    ]


def test_of_a_session_that_is_over_no_network_address_stays(cast: Cast) -> None:
    """Signed out, or too long ago: the list of devices forgot it only when its owner looked at that list."""
    staying, leaving, forgotten = Client(), Client(), Client()
    for client in (staying, leaving, forgotten):
        client.post(DOOR, {"email": address("mother")})
        client.post(CODE, {"code": code_in_mail()})
    leaving.post("/uitloggen/")
    Session.objects.filter(session_key=forgotten.session.session_key).update(expire_date=timezone.now())
    assert UserSession.objects.filter(user=cast.mother).count() == 3
    clear_sessions()
    left = UserSession.objects.filter(user=cast.mother).values_list("session_key", flat=True)
    assert list(left) == [staying.session.session_key]
    assert staying.get("/instellingen/").status_code == 200


def test_a_repair_of_rights_is_in_the_trail_of_its_school(cast: Cast) -> None:
    now, since = timezone.now(), last()
    check_access(repair=True, now=now)
    assert not AuditEvent.objects.filter(pk__gt=since).exists()
    Membership.objects.filter(user=cast.mother).delete()
    check_access(repair=True, now=now)
    [event] = AuditEvent.objects.filter(pk__gt=since)
    assert (event.verb, event.actor_uid, event.school_uid) == ("access.repaired", None, cast.linde.uid)
    assert event.facts["groups.Membership"] == {"missing": 2, "extra": 0}
