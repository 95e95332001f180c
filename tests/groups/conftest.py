"""The worker of the fast lane, which in these tests looks after each form: a code is in the mailbox at once."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.core import outbox


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
