"""What the drills share: a mail server, an installation to break, and the ledger that each of them prints."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.drills.ledger import Balance
from tests.drills.machine import Installation, collect_static, installation
from tests.mail.server import Sink, mail_server


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("drills"))  # two at once would starve each other
            if "kring" in getattr(item, "fixturenames", ()) and connection.vendor == "sqlite":
                item.add_marker(pytest.mark.nightly)  # workers and several processes are for PostgreSQL


@pytest.fixture
def post_office() -> Iterator[tuple[Sink, int]]:
    """A mail server and its port."""
    with mail_server() as found:
        yield found


@pytest.fixture
def sink(post_office: tuple[Sink, int]) -> Sink:
    return post_office[0]


@pytest.fixture
def mail_goes_to_sink(settings: Any, post_office: tuple[Sink, int]) -> None:
    """A sweep in this very process delivers there too."""
    settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post_office[1]


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collect_static(tmp_path_factory.mktemp("static"))


@pytest.fixture
def kring(
    transactional_db: None, tmp_path: Path, post_office: tuple[Sink, int], static_files: Path
) -> Iterator[Installation]:
    """An installation of which only Redis runs yet."""
    with installation(tmp_path, post_office[1], static_files) as kring:
        yield kring


@pytest.fixture
def book(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """`book("DR1", balance)`: prints the ledger here and in the summary of the run; nothing lost, double or wrong."""

    def booked(drill: str, ledger: object) -> None:
        line = f"{drill}: {ledger}"
        print(line)
        record_property("ledger", line)
        if isinstance(ledger, Balance):
            assert (ledger.lost, ledger.double, ledger.wrong) == (0, 0, 0)

    return booked
