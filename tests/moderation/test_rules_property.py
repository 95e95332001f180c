"""Who must confirm what when: every version, role and confirmation against a naive count, a second either side."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.roles import Hat
from moderation.models import Acknowledgement, Protocol
from moderation.rules.domain.protocols import Asking, blocks_of
from moderation.rules.services.asking import waiting_for
from moderation.rules.services.protocols import starter_words
from portal.core.actor import Actor
from tests.cast import Cast
from tests.share import share

SECOND = timedelta(seconds=1)
ROLES = {"mother": "family", "teacher": "staff", "teacher_who_is_parent": "staff", "admitted_reader": "family",
         "ict": "staff", "case_officer": "staff", "parent_elsewhere": "",
         "former_parent": "", "pupil": "", "operator": ""}  # fmt: skip
"""What each of them is at De Linde."""


class Version(NamedTuple):
    """A version of De Linde in days from now: when it begins, and how long parents may wait."""

    begins: int
    span: int
    confirmed: bool


VERSIONS = st.lists(
    st.builds(Version, begins=st.integers(-5, 5), span=st.integers(1, 5), confirmed=st.booleans()), max_size=4
)


def naive(versions: list[Version], role: str, start: datetime, now: datetime) -> Asking:
    """The last that has begun, looked for one by one."""
    current = None
    for version in versions:
        if start + timedelta(days=version.begins) <= now:
            current = version
    if current is None or not role or current.confirmed:
        return Asking.NOTHING
    last = start + timedelta(days=current.begins + current.span)
    return Asking.MUST if role == "staff" or not now < last else Asking.MAY_WAIT


def make(cast: Cast, user: Any, versions: list[Version], start: datetime) -> None:
    words = starter_words()
    for number, version in enumerate(versions, 1):
        begins = start + timedelta(days=version.begins)
        row = Protocol.objects.create(
            school=cast.linde,
            number=number,
            effective_at=begins,
            required_at=begins + timedelta(days=version.span),
            council_note="Nog niet gevraagd.",
            decided_by=cast.directie,
            decided_at=begins,
            summary_nl=words.summary_nl,
            text_nl="x",
            summary_en="x",
            text_en="x",
        )
        Acknowledgement.objects.create(protocol=row, user=cast.father, acknowledged_at=begins)
        if version.confirmed:
            Acknowledgement.objects.create(protocol=row, user=user, acknowledged_at=begins)


def moments(versions: list[Version], start: datetime) -> list[datetime]:
    edges = {start, *(start + timedelta(days=v.begins) for v in versions)}
    edges |= {start + timedelta(days=v.begins + v.span) for v in versions}
    return [edge + shift for edge in sorted(edges) for shift in (-SECOND, timedelta(), SECOND)]


@pytest.mark.parametrize("name", ROLES)
@settings(max_examples=share(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=VERSIONS)
def test_must_confirm(cast: Cast, name: str, versions: list[Version]) -> None:
    user: Any = cast.user(name)
    start = datetime.now(UTC).replace(microsecond=0)
    with transaction.atomic():
        make(cast, user, versions, start)
        for now in moments(versions, start):
            found = waiting_for(Actor(user, Hat.ANY, now))
            said = found[0].asked if found else Asking.NOTHING
            assert said == naive(versions, ROLES[name], start, now), (now - start, versions)
            assert len(found) <= 1
        transaction.set_rollback(True)


@given(st.text())
def test_any_text_is_laid_out_without_losing_a_word(text: str) -> None:
    kept = "".join(line for block in blocks_of(text) for line in block.lines)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
    assert {block.kind for block in blocks_of(text)} <= {"heading", "item", "paragraph"}
