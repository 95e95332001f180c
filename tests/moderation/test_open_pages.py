"""What asks nobody to sign in asks nobody to confirm the rules either; also where another app has the page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.moderation.ruling import in_force, visitor


@pytest.fixture(autouse=True)
def _one_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def asks_to_confirm(client: Client, url: str) -> bool:
    return client.get(url).headers.get("Location", "").startswith(reverse("moderation:confirm_rules"))


@pytest.mark.parametrize("route", ["groups:letter", "groups:staff_letter", "health", "style", "demo:start"])
def test_a_page_for_anybody_stays_open(cast: Cast, route: str) -> None:
    in_force(cast)
    client = visitor(cast, "teacher")
    assert asks_to_confirm(client, reverse("messaging:feed", args=["staff"]))
    assert not asks_to_confirm(client, reverse(route))
    assert client.head(reverse(route)).status_code == 200
