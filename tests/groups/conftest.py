"""The worker of the fast lane, which in these tests looks after each form: a code is in the mailbox at once.

And the reader of a school's files, which reads the same bytes once: the same few come hundreds of times.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from groups.roster.services import roster_files, roster_reading
from portal.core import outbox
from tests.groups.small_school import NOW

READ: dict[object, Any] = {}
"""What the reader's process told of a file that it could read, by that process, name and bytes."""


@pytest.fixture
def in_their_year() -> Iterator[None]:
    """For pages of the small school, whose classes are of one year: they are opened in it."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def the_fast_lane_rests() -> None:
    """For a test that delivers by itself."""


@pytest.fixture(autouse=True)
def _codes_arrive(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "the_fast_lane_rests" in request.fixturenames:
        return
    plain = Client.request

    def and_the_mail_goes(self: Client, **asked: Any) -> Any:
        response = plain(self, **asked)
        if asked.get("REQUEST_METHOD") == "POST":
            outbox.sweep(lane=outbox.Lane.FAST, now=timezone.now())
        return response

    monkeypatch.setattr(Client, "request", and_the_mail_goes)


@pytest.fixture(autouse=True)
def _the_same_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused, and by another reader, is read each time."""
    plain = roster_files.read_apart

    def once(name: str, path: Path) -> Any:
        key = (roster_reading.COMMAND, name, path.read_bytes() if path.is_file() else path)
        if key not in READ:
            READ[key] = plain(name, path)
        return deepcopy(READ[key])

    monkeypatch.setattr(roster_files, "read_apart", once)
