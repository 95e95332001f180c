"""What the attacks share: the small school of the messaging tests, and a real mail server that keeps what it took."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.drills.conftest import book, kring, post_office, sink, static_files
from tests.mail.server import Sink, mail_server
from tests.messaging.conftest import agreed, browser_of, photos, place, town, town_as_built

__all__ = ["agreed", "book", "browser_of", "kring", "photos", "place", "post_office", "sink", "static_files", "town"]
__all__ += ["town_as_built"]


@pytest.fixture
def smtp(settings: Any) -> Iterator[Sink]:
    """Mail leaves through this one."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "portal.core.mail.SmtpBackend", "127.0.0.1", 5
    with mail_server() as (sink, port):
        settings.EMAIL_PORT = port
        yield sink
