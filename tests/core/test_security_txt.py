"""Whom to tell of a hole in Kring: /.well-known/security.txt, as RFC 9116 has it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

PLACE = "/.well-known/security.txt"


def test_nobody_to_tell_is_no_page(db: None, client: Client, settings: Any) -> None:
    settings.KRING_SECURITY_CONTACT = ""
    assert client.get(PLACE).status_code == 404


@pytest.mark.parametrize("contact", ["mailto:security@school.example", "https://school.example/lek"])
def test_it_says_whom_and_until_when(db: None, client: Client, settings: Any, contact: str) -> None:
    settings.KRING_SECURITY_CONTACT, settings.KRING_BASE_URL = contact, "https://kring.example"
    page = client.get(PLACE)
    fields = dict(line.split(": ", 1) for line in page.content.decode().splitlines())
    assert (page.status_code, page["Content-Type"]) == (200, "text/plain; charset=utf-8")
    ends = datetime.fromisoformat(fields.pop("Expires"))
    assert timedelta(days=170) < ends - timezone.now() < timedelta(days=366)
    assert fields == {
        "Contact": contact,
        "Preferred-Languages": "nl, en",
        "Canonical": f"https://kring.example{PLACE}",
    }
