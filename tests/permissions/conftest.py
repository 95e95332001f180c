"""The scene of the permission tests: written once for a module, and whatever a test does to it is undone."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone

from tests.cast import Cast
from tests.ground import ground
from tests.scene import Scene, write


class Standing(NamedTuple):
    cast: Cast
    scene: Scene


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[Standing]:
    """Cast and scene in one transaction for the whole module."""
    with django_db_blocker.unblock():
        ground.take_up()
        with transaction.atomic():
            cast = Cast()
            yield Standing(cast, write(cast, timezone.now()))
            ground.take_up()
            transaction.set_rollback(True)
