"""Whoever serves pages or works has the collector pass over what was loaded, before the first thing it does."""

import subprocess
import sys

import pytest
from django.conf import settings

LOADED = 100_000
"""Objects; models and pages are more than this."""


@pytest.mark.parametrize(
    "begins",
    ["import portal.wsgi", "from portal.celery import app; app.Worker(pool='solo')"],
    ids=["pages", "worker"],
)
def test_what_was_loaded_is_passed_over(begins: str) -> None:
    code = f"{begins}\nimport gc, sys\nprint(gc.get_freeze_count(), 'portal.urls' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True)
    frozen, has_pages = said.stdout.split()
    assert int(frozen) > LOADED
    assert has_pages == "True"
