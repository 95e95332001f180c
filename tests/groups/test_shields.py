"""A shielded child: set and lifted by the directie with a reason, and named to nobody but its team and its carers."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Child, Shield
from groups.people.services.shields import AlreadyDoneError, NoReasonError, history_of, lift_shield, shield_child
from groups.records.policies import OwnFamilyError
from groups.roles import Hat, Role
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests import rows
from tests.cast import NAMES, SIGN_IN, Cast
from tests.kept import is_kept_until_it_arrived
from tests.moderation.test_dossier_pages import come_in

pytestmark = pytest.mark.engines

SECOND = timedelta(seconds=1)
KNOWS_NOOR = {"mother", "father", "admitted_reader", "teacher", "substitute", "directie"}


def shielded(cast: Cast, name: str, now: datetime) -> Shield:
    return shield_child(child=cast.child(name), reason="De rechter vroeg het.", by=Actor(cast.directie, Hat.ANY, now))


def who_names(cast: Cast, name: str, now: datetime) -> set[str]:
    child = cast.child(name)
    return {
        one
        for one in NAMES
        if Child.objects.nameable_to(Actor(cast.user(one), Hat.ANY, now)).filter(pk=child.pk).exists()
    }


def test_named_to_its_team_and_its_carers_only(cast: Cast) -> None:
    now = timezone.now()
    assert who_names(cast, "Noor", now) == set(NAMES)
    shielded(cast, "Noor", now)
    assert who_names(cast, "Noor", now) == KNOWS_NOOR
    assert who_names(cast, "Noor", now - SECOND) == set(NAMES)
    assert not Child.objects.known_to(Actor(cast.user("anonymous"), Hat.ANY, now)).exists()
    lift_shield(child=cast.child("Noor"), reason="Niet meer nodig.", by=Actor(cast.directie, Hat.ANY, now + SECOND))
    assert who_names(cast, "Noor", now + SECOND) == set(NAMES)


def test_both_are_one_rule(cast: Cast) -> None:
    now = timezone.now()
    shielded(cast, "Noor", now)
    for name in NAMES:
        hidden = Child.objects.hidden_from(Actor(cast.user(name), Hat.ANY, now)).values_list("first_name", flat=True)
        assert ("Noor" in hidden) == (name not in KNOWS_NOOR)


def test_a_pupil_knows_its_own_name(cast: Cast) -> None:
    now = timezone.now()
    shielded(cast, "Tess", now)
    assert who_names(cast, "Tess", now) == {"other_parent", "teacher_who_is_parent", "directie", "pupil"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"directie", "anonymous"}])
def test_only_the_directie_shields_and_lifts(cast: Cast, name: str) -> None:
    now = timezone.now()
    with pytest.raises(PermissionDenied):
        shield_child(child=cast.child("Noor"), reason="Zomaar.", by=Actor(cast.user(name), Hat.ANY, now))
    shielded(cast, "Noor", now)
    with pytest.raises(PermissionDenied):
        lift_shield(child=cast.child("Noor"), reason="Zomaar.", by=Actor(cast.user(name), Hat.ANY, now))


def test_never_without_a_reason_nor_twice(cast: Cast) -> None:
    now, noor = timezone.now(), cast.child("Noor")
    with pytest.raises(NoReasonError):
        shield_child(child=noor, reason=" \n", by=Actor(cast.directie, Hat.ANY, now))
    with pytest.raises(AlreadyDoneError):
        lift_shield(child=noor, reason="Klaar.", by=Actor(cast.directie, Hat.ANY, now))
    shielded(cast, "Noor", now)
    with pytest.raises(AlreadyDoneError):
        shielded(cast, "Noor", now)
    with pytest.raises(NoReasonError):
        lift_shield(child=noor, reason="", by=Actor(cast.directie, Hat.ANY, now))
    with transaction.atomic(), pytest.raises(IntegrityError):
        Shield.objects.create(child=noor, reason="Nog eens.", set_by=cast.directie, valid_from=now)


def test_what_was_decided_stays_to_be_read_and_stands_in_the_trail_without_the_reason(cast: Cast) -> None:
    now, noor = timezone.now(), cast.child("Noor")
    by = Actor(cast.directie, Hat.ANY, now)
    shielded(cast, "Noor", now)
    lift_shield(child=noor, reason="Verhuisd.", by=Actor(cast.directie, Hat.ANY, now + SECOND))
    shielded(cast, "Noor", now + 2 * SECOND)
    assert [(one.reason, one.lifting_reason, one.valid_until) for one in history_of(noor, actor=by)] == [
        ("De rechter vroeg het.", "", None),
        ("De rechter vroeg het.", "Verhuisd.", now + SECOND),
    ]
    lines = AuditEvent.objects.filter(subject_uid=noor.uid).order_by("pk")
    assert [(one.verb, one.actor_uid, one.facts) for one in lines] == [
        (verb, cast.directie.uid, {}) for verb in ("child.shielded", "child.unshielded", "child.shielded")
    ]


def test_nobody_lifts_the_shield_of_an_own_child(cast: Cast) -> None:
    now, jet = timezone.now(), cast.child("Jet")
    cast.guardianship("teacher_who_is_parent", "Jet").caregiver.__class__.objects.filter(
        user=cast.teacher_who_is_parent
    ).update(user=cast.directie)
    shielded(cast, "Jet", now)
    with pytest.raises(OwnFamilyError):
        lift_shield(child=jet, reason="Klaar.", by=Actor(cast.directie, Hat.ANY, now))


def test_why_a_colleague_shields_the_own_child_is_not_read(cast: Cast, settings: Any) -> None:
    """It may be what the other parent told school. The own words stay, and a colleague reads all of them."""
    settings.KRING_SECOND_FACTOR = False
    noor, second, now = cast.child("Noor"), come_in("tweede", Role.DIRECTIE, cast), timezone.now()
    rows.caregiver(cast.linde, "Petra", noor, user=cast.directie)
    shield_child(child=noor, reason="Moeder is bang.", by=Actor(second, Hat.ANY, now))
    lift_shield(child=noor, reason="Moeder wil het.", by=Actor(second, Hat.ANY, now + SECOND))
    shield_child(child=noor, reason="Zelf gevraagd.", by=Actor(cast.directie, Hat.ANY, now + 2 * SECOND))
    read = {}
    for name, user in (("Petra", cast.directie), ("the second", second)):
        client = Client()
        client.force_login(user, backend=SIGN_IN)
        page = client.get(reverse("groups:shield", args=[noor.uid])).content.decode()
        read[name] = [words for words in ("Moeder is bang", "Moeder wil het", "Zelf gevraagd") if words in page]
    assert read == {"Petra": ["Zelf gevraagd"], "the second": ["Moeder is bang", "Moeder wil het", "Zelf gevraagd"]}


def test_the_page_leads_to_what_names_the_child_already(cast: Cast, settings: Any) -> None:
    """What stood before stays: whoever shields looks it over on the desk."""
    settings.KRING_SECOND_FACTOR = False
    now = timezone.now()
    client = Client()
    client.force_login(cast.directie, backend=SIGN_IN)
    for title in ("Noor at soep", "Sem at soep"):
        how = {"topic": "update", "replies": "off", "declared": True}
        publish_post(groups=[cast.groep_4], title=title, text="Lekker.", by=Actor(cast.teacher, Hat.STAFF, now), **how)
    page = reverse("groups:shield", args=[cast.child("Noor").uid])
    links = [f'href="{reverse(one)}?q=Noor"' for one in ("desk:berichten", "desk:reacties")]
    assert not any(link in client.get(page).content.decode() for link in links)
    shielded(cast, "Noor", now)
    assert all(link in client.get(page).content.decode() for link in links)
    found = client.get(f"{reverse('desk:berichten')}?q=Noor").content.decode()
    assert ("Noor at soep" in found, "Sem at soep" in found) == (True, False)


def test_the_page_says_of_an_earlier_yes_what_the_rule_does(cast: Cast, settings: Any) -> None:
    """It rests as long as the shield stands, and counts again afterwards: whoever lifts it has to know."""
    settings.KRING_SECOND_FACTOR = False
    client = Client()
    client.force_login(cast.directie, backend=SIGN_IN)
    page, rests = reverse("groups:shield", args=[cast.child("Noor").uid]), "Een eerder ja telt zolang niet."
    before = client.get(page).content.decode()
    assert (rests in before, "vervalt" in before) == (True, False)
    shielded(cast, "Noor", timezone.now())
    standing = client.get(page).content.decode()
    assert (rests in standing, "Wat ouders eerder kozen, telt weer: ook een ja." in standing) == (True, True)


def test_the_reason_stays_in_the_tab_until_it_is_saved(cast: Cast, settings: Any) -> None:
    """Each by itself: why somebody was shielded is not why it is lifted."""
    settings.KRING_SECOND_FACTOR = False
    client = Client()
    client.force_login(cast.directie, backend=SIGN_IN)
    page = reverse("groups:shield", args=[cast.child("Noor").uid])
    for act in ("shield", "lift"):
        assert f"-{act}" in client.get(page).content.decode()
        assert is_kept_until_it_arrived(client, page, {"reason": "Moeder vroeg het.", "act": act})
    assert not is_kept_until_it_arrived(client, page, {"reason": "Moeder vroeg het.", "act": "lift"})
