"""What follows for one family, or one school, is worked out from its own rows: others beside it are not read.

What is worked out stays the same when everybody is read for it, and takes a school of five thousand a thousand times as
long; so the rows are counted.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.sql import compiler
from django.utils import timezone

from consent.answers.models import Decision
from consent.asking.domain.purposes import Says
from consent.asking.services.starting import start_consent
from consent.models import Purpose
from groups.models import Group, School, StaffMember
from groups.people.services.restrictions import restrict_person
from groups.people.services.shields import shield_child
from groups.roles import Hat, Role
from moderation.access_requests.services.access_requests import ask_access
from moderation.models import AccessRequest
from portal.core import access, compiled
from portal.core.actor import Actor
from tests import rows
from tests.cast import Cast
from tests.moderation.reporting import reported
from tests.scene import Scene

OTHERS = 7
Whose = dict[str, Iterable[int]]


def rows_read_for(cast: Cast, whose: Whose) -> int:
    read, fetched, answered = list[int](), compiler.cursor_iter, compiled._rows

    def answering(*given: Any) -> list[Any]:
        found = answered(*given)
        read.append(len(found))
        return found

    def fetching(cursor: Any, *given: Any) -> Iterator[list[tuple]]:
        for chunk in fetched(cursor, *given):
            read.append(len(chunk))
            yield chunk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "cursor_iter", fetching)
        patch.setattr(compiled, "_rows", answering)
        access.reproject(school=cast.linde, **whose)
    return sum(read)


def more_families(group: Group) -> None:
    """In this class, each with a parent who is in and answered what the school asks."""
    answer = {"says": Says.YES, "text_version": 1, "decided_at": timezone.now()}
    purposes, school = Purpose.objects.filter(school=group.school), group.school
    for number in range(OTHERS):
        child = rows.child(school, f"Kind {number}", group)
        parent = rows.account(f"ouder{number}@voorbeeld.example")
        about = {"child": child, "caregiver": rows.caregiver(school, f"Ouder {number}", child, user=parent)}
        for purpose in purposes:
            Decision.objects.create(school=school, purpose=purpose, recorded_by=parent, **about, **answer)


@pytest.mark.parametrize(
    "whose",
    [
        lambda cast: {"users": [cast.mother.pk], "children": [cast.child("Noor").pk]},
        lambda cast: {"users": [cast.teacher.pk], "staff": [cast.teacher.staff_records.get().pk]},
        lambda cast: {"users": [cast.directie.pk]},
    ],
    ids=["mother and child", "teacher", "directie"],
)
def test_no_other_family_is_read(cast: Cast, scene: Scene, whose: Callable[[Cast], Whose]) -> None:
    reported(cast, scene.reply)
    start_consent(school=cast.linde, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    rows_read_for(cast, whose(cast))
    before = rows_read_for(cast, whose(cast))
    more_families(cast.groep_4)
    assert rows_read_for(cast, whose(cast)) == before > 0


def test_no_other_school_is_read(cast: Cast, scene: Scene) -> None:
    reported(cast, scene.reply)
    for school, by in ((cast.linde, cast.directie), (cast.berk, cast.directie_elsewhere)):
        start_consent(school=school, by=Actor(by, Hat.STAFF, timezone.now()))
    rows_read_for(cast, {})
    before = rows_read_for(cast, {})
    more_families(Group.objects.filter(school=cast.berk, kind="class").latest("pk"))
    more_work(cast.berk, Actor(cast.directie_elsewhere, Hat.STAFF, timezone.now()))
    reported(cast, scene.reply_elsewhere, by="teacher_elsewhere")
    assert rows_read_for(cast, {}) == before > 0


def more_work(school: School, by: Actor) -> None:
    """A task more for everybody; two new colleagues, one of whom is suspended and asked what is kept; a shield."""
    for staff in StaffMember.objects.filter(school=school):
        rows.task(staff, Role.EDITOR)
    group = Group.objects.filter(school=school, kind="class").latest("pk")
    for number, role in enumerate((Role.DIRECTIE, Role.TEACHER), 1):
        colleague = rows.account(f"collega{number}@voorbeeld.example")
        rows.staff(school, f"Collega {number}", role, *([group] if role == Role.TEACHER else []), user=colleague)
    access.reproject(school=school)
    until, case = by.now + timedelta(days=2), uuid4()
    restrict_person(person=colleague, school=school, kind="suspended", until=until, case_uid=case, by=by)
    asked = ask_access(school=school, by=Actor(colleague, Hat.STAFF, by.now))
    AccessRequest.objects.filter(pk=asked.pk).update(state="review", draft=b"kopie", prepared_by=by.user)
    shield_child(child=rows.child(school, "Ilse", group), reason="Geheim adres.", by=by)
