"""Who read, decided or removed something stands there as the school's roster names them, whatever they call themselves.

Shown: a mother who called herself Jan van der Berg stood so in a sealed copy, and in the list of who read it.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import StaffMember
from groups.people.services.shields import shield_child
from groups.people.services.true_names import At, TrueName, signed, true_names
from groups.roles import Hat
from messaging.models import Seen
from messaging.removing.domain import unpack
from messaging.removing.services.hard_copy import prepare
from messaging.writings.services.written import hide_written
from moderation.cases.services.people import named
from moderation.dossier.services.drawing import page_of
from moderation.models import DossierReading
from portal.core.actor import Actor
from tests.cast import SIGN_IN, Cast, address
from tests.scene import Scene

FALSE = "Jan van der Berg"


def page(cast: Cast, reader: str, url: str, **sent: Any) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.user(reader), backend=SIGN_IN)
    return client.post(url, sent) if sent else client.get(url)


@pytest.fixture
def renamed(cast: Cast) -> Cast:
    """Everybody who could ever choose a name of their own chose this one."""
    for name in ("mother", "teacher", "directie"):
        user = cast.user(name)
        user.name = FALSE
        user.save(update_fields=["name"])
    mine = StaffMember.objects.filter(email__in=[address("teacher"), address("directie")])
    mine.update(display_name=FALSE, display_name_chosen=True, function="directeur", function_chosen=True)
    return cast


def test_nobody_changes_the_own_name(cast: Cast) -> None:
    before = cast.mother.name
    assert page(cast, "mother", "/instellingen/", name=FALSE, language="en").status_code == 302
    cast.mother.refresh_from_db()
    assert (cast.mother.name, cast.mother.language) == (before, "en")
    body = page(cast, "mother", "/instellingen/").content.decode()
    assert 'name="name"' not in body
    assert "Other parents only see your name." in body


def test_a_sealed_copy_names_people_as_the_roster_does(renamed: Cast, scene: Scene) -> None:
    Seen.objects.create(user=renamed.mother, writing=scene.post, seen_at=timezone.now())
    copy = prepare(scene.post, reason="Om de regels.", by=Actor(renamed.directie, Hat.ANY, timezone.now())).copy
    html = page_of(copy.content).decode()
    teacher = "Juf van den teacher, leerkracht groep 4"
    assert FALSE not in html
    assert "directeur" not in html
    assert f"<dd>{teacher.replace(' van den', '')}</dd>" in html
    assert "<li>Mother Adres · " in html


def test_a_copy_of_a_conversation_names_who_sat_in_it_and_no_shielded_child(renamed: Cast, scene: Scene) -> None:
    child, by = scene.said_by_mother.thread.child, Actor(renamed.directie, Hat.ANY, timezone.now())
    copy = prepare(scene.said_by_mother, reason="Om", by=by).copy
    html = page_of(copy.content).decode()
    assert FALSE not in html
    assert "Mother Adres; Juf teacher, leerkracht groep 4" in html
    assert f"Een gesprek over {child.first_name}" in html
    shield_child(child=child, reason="Een geheim adres.", by=by)
    copy = prepare(scene.said_by_mother, reason="Om", by=by).copy
    assert "Een gesprek over één kind" in page_of(copy.content).decode()
    assert child.first_name not in repr(unpack(copy.content).document.place)


def test_true_names_for_many_are_those_of_each(renamed: Cast) -> None:
    school = renamed.linde.pk
    asked = [At(renamed.user(name).pk, school) for name in ("mother", "teacher", "directie", "ict")]
    now = timezone.now()
    found = true_names(asked, now=now)
    assert found == {one: true_names([one], now=now)[one] for one in asked}
    assert found[asked[0]] == TrueName("Mother Adres", "")
    assert found[asked[1]] == TrueName("Juf teacher", "leerkracht groep 4")
    assert found[asked[2]] == TrueName("Dirk Bos", "directie")


def test_each_hat_has_its_own_name(cast: Cast) -> None:
    user, school = cast.teacher_who_is_parent.pk, cast.linde.pk
    found = true_names([At(user, school, "staff"), At(user, school, "family")], now=timezone.now())
    assert [found[At(user, school, side)].function for side in ("staff", "family")] == ["leerkracht groep 5", ""]
    assert found[At(user, school, "family")].name == "Teacher_Who_Is_Parent Adres"


def test_lists_of_the_dossier_and_of_cases_sign_with_them(renamed: Cast) -> None:
    reading = DossierReading(reader=renamed.directie, reason="Om", read_at=timezone.now())
    [row] = signed([reading], "reader", school=renamed.linde.pk, now=timezone.now())
    assert row.signed_reader == "Dirk Bos, directie"
    assert named(renamed.teacher, renamed.linde, "staff", now=timezone.now()) == ("Juf teacher", "leerkracht groep 4")


def test_the_trail_names_them_so(renamed: Cast, scene: Scene, settings: Any) -> None:
    """The reader's own menu says what the account is called; the list does not."""
    settings.KRING_SECOND_FACTOR = False
    hide_written(written=scene.post, by=Actor(renamed.directie, Hat.STAFF, timezone.now()))
    trail = page(renamed, "directie", reverse("desk:gebeurd"))
    said = trail.content.decode().partition("<main")[2]
    assert (trail.status_code, FALSE in said, "Dirk Bos" in said) == (200, False, True)
