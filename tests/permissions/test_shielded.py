"""A shielded child over every route there is: who is neither its team nor its carer reads nothing of it.

Noor of groep 4 is shielded, with conversations, a case, a photo she is marked on and consent around her. Each row of
the matrix is asked by each outsider; and asked before and after, nothing changes by which the shield could be told.
"""

import re
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.asking.services.starting import start_consent
from groups.models import Caregiver, Child
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.models import Depiction, Image, Marking
from portal.core.actor import Actor
from tests.cast import OFTEN, Cast, turn_of
from tests.permissions.conftest import Standing
from tests.permissions.test_matrix import FIRST_SCHOOL, OK, REFUSED, TABLE, Row, client_of
from tests.scene import Scene
from tests.share import is_shared

OUTSIDERS = [
    "other_parent",
    "parent_of_two",
    "council_member",
    "former_parent",
    "father_without_authority",
    "teacher_who_is_parent",
    "teacher_elsewhere",
    "directie_elsewhere",
    "colleague",
    "editor",
    "ict",
    "case_officer",
    "operator",
    "pupil",
]


def let_in(row: Row) -> list[str]:
    """Of the outsiders, whom the matrix gives something to read there; everybody else gets the one 404."""
    return [name for code, names in row.expected.items() if code == OK for name in names if name in OUTSIDERS]


ASKED = [name for name in OFTEN if turn_of(name) == connection.vendor or not is_shared()]
"""Whom this run asks: with `--shared` each of the outsiders of one engine."""
WITHOUT = {"style", "groups:phone_renewed"}
"""A page of made-up people, and a word for the worker of a browser that is new at each request."""
ROWS = [row for row in TABLE if row.method == "GET" and row.route not in WITHOUT and let_in(row)]
ONE_NO = {"GET a kind word"}
"""Not between parents where a shield stands (POL-66): whoever tries reads the one no that has many reasons."""
CHANGING = re.compile(r'csrf|submission_key|name="key"|nonce|data-passkey')
"""Lines that differ at every request."""


class Shielded(Cast):
    """The same people, whatever Noor is called."""

    def child(self, first_name: str) -> Child:
        return Child.objects.get(roster_key=f"L{first_name}", school__brin="99CA" if first_name != "Saar" else "99CB")

    def guardianship(self, name: str, child: str) -> Any:
        rows = self.child(child).guardianships.filter(caregiver__email__startswith=f"{name}@")
        return rows.select_related("child__school", "caregiver").latest("valid_from", "pk")


@pytest.fixture(scope="module")
def clients(standing: Standing) -> dict[str, Client]:
    return {name: client_of(standing.cast, name) for name in OUTSIDERS}


@pytest.fixture(scope="module")
def stage(standing: Standing) -> Standing:
    """Names by which Noor and her mother are found in any answer."""
    Child.objects.filter(first_name="Noor").update(first_name="Kievitje", last_name="Wulp")
    mothers = Caregiver.objects.filter(email="mother@cast.example")
    mothers.update(last_name="Grutto")
    start_consent(school=standing.cast.linde, by=Actor(standing.cast.directie, Hat.ANY, timezone.now()))
    return Standing(Shielded(), standing.scene)


TELLING = re.compile(r"(?<![A-Za-z0-9])(?:kievitje|wulp)(?![A-Za-z0-9])", re.IGNORECASE)
"""As words: the random letters of a token may read wULp."""


def asked(client: Client, row: Row, cast: Cast, scene: Scene) -> str:
    url = reverse(row.route, args=row.args(cast, scene)) + row.query
    response = client.get(url.replace(f"={FIRST_SCHOOL}", f"={cast.linde.uid}"))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.status_code} {body.decode('utf-8', 'replace')}"


def lines(answer: str) -> list[str]:
    return [line for line in answer.splitlines() if not CHANGING.search(line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nobody_outside_reads_of_it_nor_can_tell(
    stage: Standing, clients: dict[str, Client], row: Row, settings: Any
) -> None:
    settings.KRING_SECOND_FACTOR = False
    cast, scene = stage
    with time_machine.travel(timezone.now(), tick=False), transaction.atomic():
        noor, now = cast.child("Noor"), timezone.now()
        for image in Image.objects.filter(placements__writing__isnull=False, marking=Marking.DECLARED):
            Depiction.objects.get_or_create(image=image, child=noor, said_by=cast.teacher, said_at=now, is_on=False)
        readers = [name for name in let_in(row) if name in ASKED]
        before = {name: asked(clients[name], row, cast, scene) for name in readers}
        shield_child(child=noor, reason="Een geheim adres.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
        after = {name: asked(clients[name], row, cast, scene) for name in readers}
        uid = str(noor.uid)
        transaction.set_rollback(True)
    read = {name: TELLING.findall(text) + re.findall(uid, text) for name, text in after.items()}
    assert read == {name: [] for name in readers}
    told = {name for name in readers if lines(before[name]) != lines(after[name])}
    if row.name in ONE_NO:
        assert all(after[name].startswith(f"{REFUSED} ") for name in told)
        told = set()
    assert told <= {name for name in readers if TELLING.search(before[name])}
