"""Who comes from a version without seats: each is derived, the same chairs hold, and nobody wins a right."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from messaging.models import Participation, Seat, ThreadGrant
from tests.messaging.conftest import Town
from tests.messaging.test_seats import ACTS

derive = import_module("messaging.migrations.0011_derive_seats").derive


def rows() -> list[set[Any]]:
    seats = Seat.objects.values_list("chair", "thread", "side", "valid_from", "valid_until")
    grants = ThreadGrant.objects.values_list("user", "permission", "content_object", "hat", "valid_from", "reads_from")
    return [set(seats), set(grants)]


@pytest.mark.parametrize("name", ACTS)
def test_the_same_chairs_hold_as_before(town: Town, name: str) -> None:
    ACTS[name][0](town)
    before = rows()
    assert before[0]
    Seat.objects.all().delete()
    derive(apps, None)
    assert rows() == before


def test_where_a_seat_would_be_lost_nothing_is_changed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ACTS["a task"][0](town)
    monkeypatch.setattr("messaging.talks.services.seats._talking", lambda chairs: {})
    with pytest.raises(ValueError, match="1 seats in conversations would be lost and 0 won"):
        derive(apps, None)


def test_a_right_that_nobody_had_stops_the_migration(town: Town) -> None:
    """Somebody without the right to the own chair: the version before repairs that, not this one."""
    ACTS["begun"][0](town)
    ThreadGrant.objects.filter(user=town.user["Anna"]).delete()
    with pytest.raises(ValueError, match="2 rights on conversations would be won"):
        derive(apps, None)
    assert Participation.objects.count() == 2
