"""How the tests of a school's rules make them: by the services, from a draft to a version in force."""

from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from groups.models import School
from groups.roles import Hat
from moderation.models import Protocol
from moderation.rules.services.acknowledging import acknowledge
from moderation.rules.services.protocols import put_in_force, start_draft
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests.cast import NAMES, SIGN_IN, Cast

STAFF = ["teacher", "teacher_who_is_parent", "colleague", "substitute", "editor", "directie", "ict", "case_officer"]
"""Who works at De Linde, also where that opens no group."""
FAMILY = ["mother", "father", "admitted_reader", "other_parent", "parent_of_two", "council_member"]
"""Who reads along at De Linde and does not work there."""
EVERYBODY = [*STAFF, *FAMILY]
ASKED = {name: name in EVERYBODY for name in NAMES}


def in_force(
    cast: Cast, now: datetime | None = None, *, school: School | None = None, days: int = 14, begins: date | None = None
) -> Protocol:
    """A next version at De Linde (or De Berk), from today or from `begins`; parents may wait `days` days."""
    now = now or timezone.now()
    school = school or cast.linde
    by: Any = cast.directie if school == cast.linde else cast.directie_elsewhere
    draft = start_draft(school=school, by=Actor(by, Hat.ANY, now))
    begins = begins or at_school(now).date()
    return put_in_force(
        draft=draft,
        version=draft.version,
        effective_on=begins,
        confirm_by=begins + timedelta(days=days),
        council_consented_on=at_school(now).date(),
        council_note="",
        by=Actor(by, Hat.ANY, now),
    )


def confirm(cast: Cast, *names: str, protocol: Protocol, now: datetime | None = None) -> None:
    for name in names:
        user: Any = cast.user(name)
        acknowledge(protocol=protocol, by=Actor(user, Hat.ANY, now or timezone.now()))


def visitor(cast: Cast, name: str) -> Client:
    """Somebody who reads in English, signed in."""
    client = Client(headers={"accept-language": "en"})
    user: Any = cast.user(name)
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend=SIGN_IN)
    return client
