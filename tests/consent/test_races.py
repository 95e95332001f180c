"""A no while a photo is being placed, while pages are being drawn, and both parents at once: 0 photos out (W4, W12).

Whatever the order in which the two meet, from the no's commit on nobody gets the photo.
"""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Clearance, Decision, Purpose
from groups.models import Guardianship
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from messaging.models import Image
from messaging.photos.domain import Picture
from messaging.photos.services.gate import GateClosedError
from messaging.photos.services.photos import find_photo
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import Town, _build
from tests.messaging.consent import everybody_agrees
from tests.pictures import photo_with
from tests.races import Race, on_postgresql, race
from tests.share import LONG, share

__all__ = ["race"]

TIMES = 1000 if LONG else share(20)
STRETCHES, STRETCH = (20, 50) if LONG else (1, 20)
"""Answers and photos pile up around one child: every stretch begins with a school of its own."""


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.KRING_DATA_DIR = tmp_path
    made = _build()
    everybody_agrees(made)
    return made


def says(town: Town, parent: str, word: Says) -> None:
    purpose = Purpose.objects.get(school=town.school, key=IMAGES)
    answers = {purpose: (word, 1)}
    decide_for_child(child=town.child["Noor"], answers=answers, by=Actor(town.user[parent], Hat.ANY, timezone.now()))


def upload(town: Town) -> Image:
    return photo_with("", by=town.user["Anna"], school=town.school, now=timezone.now())


def place(town: Town, photo: Image) -> None:
    marks = frozenset({town.child["Noor"].uid})
    with contextlib.suppress(GateClosedError):
        publish_post(
            groups=[town.group["g4"]],
            topic="update",
            title="Herfst",
            text="In het park.",
            replies="on",
            by=Actor(town.user["Anna"], Hat.STAFF, timezone.now()),
            pictures=[Picture(photo.uid, marks=marks)],
            declared=True,
        )


def is_out(town: Town, photo: Image) -> bool:
    return find_photo(photo.uid, actor=Actor(town.user["Lotte"], Hat.ANY, timezone.now())) is not None


@on_postgresql
@pytest.mark.parametrize("stretch", range(STRETCHES))
def test_a_no_while_a_photo_is_placed(town: Town, race: Callable[[int], Race], stretch: int) -> None:
    """The gate read a yes, or did not; the no is there when anybody reads."""
    both, out = race(2), []
    for _ in range(STRETCH):
        says(town, "Karima", Says.YES)
        photo = upload(town)

        def withdraw(photo: Image = photo) -> None:
            says(town, "Karima", Says.NO)
            out.append(is_out(town, photo))

        both.run(lambda photo=photo: place(town, photo), withdraw)
        out.append(is_out(town, photo))
        Image.objects.filter(pk=photo.pk, placements=None).delete()  # what the gate stopped does not pile up
    assert not any(out)


@on_postgresql
def test_a_no_while_pages_are_drawn_and_kept(town: Town, race: Callable[[int], Race]) -> None:
    """Two readers draw the feed and get the bytes again and again; after the no's commit none of it shows the photo."""
    photo, late = upload(town), []
    place(town, photo)
    clients = {name: Client() for name in ("Lotte", "Karima")}
    for name, client in clients.items():
        client.force_login(town.user[name], backend=site.AUTHENTICATION_BACKENDS[0])

    def look(name: str, *, after: bool = False) -> None:
        page = clients[name].get(reverse("messaging:feed", args=[Hat.FAMILY])).content.decode()
        stored = clients[name].get(reverse("messaging:photo", args=[photo.uid, 400])).status_code
        if after:
            late.append(str(photo.uid) in page or stored == 200)

    three = race(3)
    for _ in range(TIMES):
        says(town, "Karima", Says.YES)
        assert is_out(town, photo)
        three.run(lambda: look("Lotte"), lambda: look("Karima"), lambda: says(town, "Karima", Says.NO))
        look("Lotte", after=True)
    assert not any(late)


@on_postgresql
def test_both_parents_at_once(town: Town, race: Callable[[int], Race]) -> None:
    """Any no wins, whoever was first (W12)."""
    photo, both, out = upload(town), race(2), []
    place(town, photo)
    for turn in range(TIMES):
        yes, no = ("Karima", "Said") if turn % 2 else ("Said", "Karima")
        both.run(lambda who=yes: says(town, who, Says.YES), lambda who=no: says(town, who, Says.NO))
        out.append(is_out(town, photo))
        for parent in (yes, no):
            says(town, parent, Says.YES)
        assert is_out(town, photo)
    assert not any(out)


@on_postgresql
def test_authority_that_ends_while_its_holder_answers(town: Town, race: Callable[[int], Race]) -> None:
    """What comes in as the authority ends may be kept, but decides nothing any more (DR24)."""
    both, counted = race(2), []
    pair = {"caregiver": town.caregiver["Said"], "child": town.child["Noor"]}
    for _ in range(TIMES // 4):
        begun = timezone.now()
        Guardianship.objects.filter(**pair, valid_until=None).update(valid_until=begun)
        row = rows.guardianship(**pair, since=begun)

        def answers() -> None:
            try:
                says(town, "Said", Says.NO)
            except PermissionDenied:
                counted.append(False)

        def ends(row: Guardianship = row) -> None:
            end_guardianship(guardianship=row, by=Actor(town.user["Petra"], Hat.ANY, timezone.now()))

        both.run(answers, ends)
        refused = Clearance.objects.in_force(IMAGES, is_shown=False, now=timezone.now())
        counted.append(refused.filter(child=town.child["Noor"]).exists())
    assert not any(counted)


@pytest.mark.django_db(transaction=True)
def test_without_its_audit_row_nothing_is_decided(town: Town) -> None:
    """DR26: when what was done cannot be recorded, it is not done; nothing is half there."""
    purpose = Purpose.objects.get(school=town.school, key=IMAGES)
    names = Purpose.objects.get(school=town.school, key="names")
    before, now = Decision.objects.count(), timezone.now()
    answers = {purpose: (Says.NO, 1), names: (Says.NO, 1)}
    with _full_audit(), pytest.raises(DatabaseError), transaction.atomic():
        decide_for_child(child=town.child["Noor"], answers=answers, by=Actor(town.user["Karima"], Hat.ANY, now))
    assert Decision.objects.count() == before
    decide_for_child(
        child=town.child["Noor"], answers=answers, by=Actor(town.user["Karima"], Hat.ANY, now + timedelta(seconds=1))
    )
    assert Decision.objects.count() == before + 2


class _full_audit:  # noqa: N801 - reads as what it does
    """No audit row can be written."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "CREATE FUNCTION full_audit() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'no room'; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER full_audit BEFORE INSERT ON {_AUDIT} FOR EACH ROW EXECUTE FUNCTION full_audit()"
                )
            else:
                cursor.execute(
                    f"CREATE TRIGGER full_audit BEFORE INSERT ON {_AUDIT} BEGIN SELECT RAISE(ABORT, 'no room'); END"
                )

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            on_table = f" ON {_AUDIT}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER full_audit{on_table}")
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION full_audit")


_AUDIT = "core_auditevent"
