"""Who comes from the version before: what that one answered in SQL is asked once more, and has to be the same."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from consent.answers.services.decisions import decide_for_self
from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Clearance, Decision
from tests.cast import Cast
from tests.consent.answering import begin, purpose
from tests.consent.test_clearances import ACTS, now_of, say

pytestmark = pytest.mark.django_db
MIGRATION = import_module("consent.migrations.0006_derive_clearances")


def derive() -> None:
    editor: Any = SimpleNamespace(connection=connection)
    MIGRATION.derive(apps, editor)


@pytest.mark.parametrize("name", ACTS)
def test_every_verdict_is_as_it_was(cast: Cast, name: str) -> None:
    begin(cast)
    say(cast, "mother", Says.YES)
    now_of(decide_for_self, school=cast.linde, answers={purpose(cast.linde, IMAGES): (Says.YES, 1)}, by=cast.teacher)
    ACTS[name][0](cast)
    columns = ("child", "adult", "key", "is_shown", "valid_from", "valid_until")
    before = set(Clearance.objects.values_list(*columns))
    Clearance.objects.all().delete()
    derive()
    assert set(Clearance.objects.values_list(*columns)) == before != set()


def test_where_one_would_be_lost_nothing_is_changed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(cast)
    say(cast, "mother", Says.YES)
    monkeypatch.setattr("consent.clearances.services._answers", lambda rows, person: {})
    with pytest.raises(ValueError, match="1 verdicts \\(shown\\) would be lost"):
        derive()
    assert Decision.objects.count() == 1
