"""The trial version exists in the trial only, and only at home."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from portal.demo.checks import only_at_home

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "KRING_MODE": "production",
    "KRING_SECRET_KEY": "k" * 60,
    "KRING_CHAIN_KEY": "c" * 60,
    "KRING_HOSTS": "kring.example",
    "KRING_BASE_URL": "https://kring.example",
    "KRING_SMTP_URL": "smtp+tls://user:password@mail.example:587",
    "DJANGO_SETTINGS_MODULE": "portal.settings",
}
QUESTION = """
import sys
import django
django.setup()
from django.apps import apps
from django.urls import Resolver404, resolve
assert not apps.is_installed("portal.demo")
for path in ("/demo/", "/demo/als/juf/", "/demo/postvak/", "/stijl/"):
    try:
        resolve(path)
    except Resolver404:
        continue
    raise SystemExit(f"{path} is there")
assert not [name for name in sys.modules if name.startswith("portal.demo")]
"""


def test_production_knows_nothing_of_it(tmp_path: Path) -> None:
    here = {"KRING_DATA_DIR": str(tmp_path), "KRING_DATABASE_URL": f"sqlite:///{tmp_path}/kring.sqlite3"}
    run = subprocess.run(
        [sys.executable, "-c", QUESTION], cwd=ROOT, env=PRODUCTION | here, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1"], []),
        ("ALLOWED_HOSTS", ["localhost", "kring.example"], ["kring.E010"]),
        ("ALLOWED_HOSTS", ["*"], ["kring.E010"]),
        ("KRING_SMTP_URL", "smtp://mail.example", ["kring.E011"]),
    ],
)
def test_the_trial_refuses_to_go_out(settings, setting: str, value: object, expected: list[str]) -> None:
    setattr(settings, setting, value)
    assert [error.id for error in only_at_home()] == expected


@pytest.mark.django_db
def test_an_empty_trial_says_how_to_fill_it(client: Client) -> None:
    page = client.get(reverse("demo:start"))
    assert page.context["personas"] == []
    assert "run.py demo" in page.content.decode()
