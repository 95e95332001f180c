"""While nothing can be written every page still opens: none writes on the way, but two that begin something."""

import pytest

from tests.permissions.conftest import Standing
from tests.permissions.test_matrix import OK, client_of
from tests.permissions.test_questions import undone, visits_of
from tests.unwritable import nothing_is_written

pytestmark = pytest.mark.nightly
BEGIN_SOMETHING = {"groups:add_passkey": 503, "mfa_activate_totp": 503}
"""Each keeps a secret in the session first."""


def test_every_page_opens(standing: Standing) -> None:
    """One of each route, by somebody for whom it opens."""
    with undone():
        visits = {visit.route: visit for visit in reversed(visits_of(standing))}
        clients = {name: client_of(standing.cast, name) for name in {visit.name for visit in visits.values()}}
        opened = {route for route, visit in visits.items() if clients[visit.name].get(visit.url).status_code == OK}
        for client in clients.values():
            client.raise_request_exception = False
        with nothing_is_written():
            during = {route: clients[visits[route].name].get(visits[route].url).status_code for route in opened}
    assert len(opened) > 100
    assert {route: status for route, status in during.items() if status != OK} == BEGIN_SOMETHING
