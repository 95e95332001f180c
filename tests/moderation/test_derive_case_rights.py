"""Who comes from a version without rights on cases: each is derived, and nobody handles another case than before."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from groups.roles import Hat, Role
from groups.staff.services.staff import appoint
from moderation.access_requests.services.access_requests import draw_up
from moderation.models import AccessRequest, AccessRequestGrant, Case, CaseGrant
from portal.core.actor import Actor, clock
from tests.cast import Cast
from tests.moderation.asking import mark, start, submit
from tests.moderation.reporting import reported
from tests.moderation.test_trail import publish
from tests.scene import Scene

derive = import_module("moderation.migrations.0007_derive_case_rights").derive
COLUMNS = ("user", "permission", "content_object", "hat", "valid_from", "valid_until")


@pytest.fixture
def handled(cast: Cast, scene: Scene) -> None:
    """Cases of a family, of staff and of the directie; a copy that waits for a second person."""
    appoint(staff=cast.colleague.staff_records.get(), role=Role.DIRECTIE, school=cast.linde, by=clock(timezone.now()))
    case = reported(cast, scene.reply).case
    for content in (scene.post, publish(cast, cast.directie)):
        reported(cast, content)
    asked = start(case, cast.directie)
    draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    mark(asked, cast.directie)
    submit(asked, cast.directie)


def rows() -> list[set[Any]]:
    return [set(model.objects.values_list(*COLUMNS)) for model in (CaseGrant, AccessRequestGrant)]


@pytest.mark.usefixtures("handled")
def test_every_right_is_derived_and_nobody_handles_another_case(cast: Cast) -> None:
    before = rows()
    assert [{row[1] for row in found} != set() for found in before] == [True, True]
    for model in (CaseGrant, AccessRequestGrant):
        model.objects.all().delete()
    derive(apps, None)
    assert rows() == before
    assert (Case.objects.count(), AccessRequest.objects.count()) == (3, 1)


@pytest.mark.usefixtures("handled")
def test_a_right_that_nobody_had_stops_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.cases.services.rights.as_party", lambda *_: [])
    Case.objects.update(about=Case.objects.get(against_directie=True).about, against_directie=False)
    with pytest.raises(ValueError, match="Nothing was changed"):
        derive(apps, None)
