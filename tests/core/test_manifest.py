"""The icon on the phone: what the browser needs to put Kring there."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

STATIC = Path(settings.BASE_DIR) / "static"


def test_its_icons_are_there_in_the_size_it_says() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in drawn} == {"192x192", "512x512"}
    for icon in drawn:
        with Image.open(STATIC / icon["src"]) as image:
            assert "{}x{}".format(*image.size) == icon["sizes"]
    assert (STATIC / "favicon.svg").exists()
    assert sum((STATIC / icon["src"]).stat().st_size for icon in drawn) < 30_000


@pytest.mark.django_db
def test_every_page_says_where_it_is_and_the_policy_lets_it_in(client: Client) -> None:
    page = client.get("/inloggen/")
    assert '<link rel="manifest" href="/static/manifest.webmanifest">' in page.content.decode()
    assert "manifest-src 'self'" in page["Content-Security-Policy"]
    given = client.get("/static/manifest.webmanifest")
    assert (given.status_code, given["Content-Type"]) == (200, "application/manifest+json")
