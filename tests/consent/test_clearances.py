"""Whoever changes what an answer counts for lets the clearances follow, for everybody whom it reaches."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child, decide_for_self
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, WEBSITE, Says
from consent.asking.services.texts import change_purpose, require_everybody, resume_purpose, retire_purpose
from consent.models import Clearance, Purpose, PurposeText
from consent.paper.services import Signed, record_paper
from consent.rounds.services.rounds import close_round, open_round
from groups.letters.services.claims import confirm_claim, deny_claim, unlink_account
from groups.letters.services.invitations import print_letter, use_letter
from groups.models import Child, Claim
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.people.services.shields import lift_shield, shield_child
from groups.records.querysets.periods import active_at
from groups.records.services.memberships import check_access
from groups.roles import Hat
from portal.core import access
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User
from tests.cast import Cast
from tests.consent.answering import begin, purpose
from tests.consent.test_paper import picture
from tests.groups.small_school import account

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
HOUR = timedelta(hours=1)
TABLE = "consent.Clearance"


@pytest.fixture
def noor(cast: Cast) -> Child:
    """Both parents were asked; her mother said yes."""
    begin(cast)
    say(cast, "mother", Says.YES)
    return cast.child("Noor")


def say(cast: Cast, person: str, says: Says) -> None:
    asked = purpose(cast.linde, IMAGES)
    number = PurposeText.objects.filter(purpose=asked).latest("number").number
    by, now = cast.user(person), timezone.now()
    decide_for_child(child=cast.child("Noor"), answers={asked: (says, number)}, by=Actor(by, Hat.ANY, now))


def signed(cast: Cast) -> None:
    """Noor's father has no account and signs a form."""
    said, today = {purpose(cast.linde, IMAGES): Says.NO}, at_school(timezone.now()).date()
    form = Signed(cast.child("Noor"), cast.caregiver("father"), today, said)
    record_paper(signed=form, scan=picture(), key=uuid4(), by=Actor(cast.directie, Hat.ANY, timezone.now()))


def without_account(cast: Cast) -> None:
    unlink_account(caregiver=cast.caregiver("father"), by=Actor(cast.directie, Hat.ANY, timezone.now()))


def no_longer(cast: Cast) -> None:
    """The father's no goes with his authority, also where nobody came in as him."""
    without_account(cast)
    signed(cast)
    end_guardianship(guardianship=cast.guardianship("father", "Noor"), by=Actor(cast.directie, Hat.ANY, timezone.now()))


def reader(cast: Cast, name: str = "father") -> None:
    row: Any = cast.guardianship(name, "Noor")
    decide_guardianship(guardianship=row, level="admitted_reader", by=Actor(cast.directie, Hat.ANY, timezone.now()))


def nobody_decides(cast: Cast) -> None:
    """The mother's yes went with her authority; the father's no stays where nobody took his place."""
    say(cast, "father", Says.NO)
    for name in ("mother", "father"):
        reader(cast, name)


def seen_by(cast: Cast, *circles: str) -> None:
    for reach in circles:
        row = purpose(cast.linde, IMAGES)
        facts: Any = {"basis": row.basis, "requires_all": False, "by": Actor(cast.directie, Hat.ANY, timezone.now())}
        change_purpose(purpose=row, version=row.version, reach=reach, **facts)


def asked_again(cast: Cast) -> None:
    now = timezone.now()
    day = at_school(now).date() + timedelta(days=9)
    opened = open_round(school=cast.linde, closes_on=day, lapses=True, by=Actor(cast.directie, Hat.ANY, now))
    close_round(round=opened, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def on_ground(cast: Cast, basis: str) -> None:
    row = purpose(cast.linde, IMAGES)
    facts: Any = {"reach": row.reach, "requires_all": False, "by": Actor(cast.directie, Hat.ANY, timezone.now())}
    change_purpose(purpose=row, version=row.version, basis=basis, **facts)


def on_consent_again(cast: Cast) -> None:
    """Without a consent everybody who did not object was shown; the silent ones no longer are."""
    on_ground(cast, "objection")
    assert Clearance.objects.filter(child=cast.child("Sem"), key=IMAGES, is_shown=True).exists()
    on_ground(cast, "consent")
    assert not Clearance.objects.filter(child=cast.child("Sem"), key=IMAGES).exists()


def back_again(cast: Cast) -> None:
    row = retire_purpose(purpose=purpose(cast.linde, IMAGES), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    resume_purpose(purpose=row, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def resumed_after_a_round(cast: Cast) -> None:
    """The round did not ask it, and the yes is from before all the same (POL-41)."""
    row = retired(cast)
    asked_again(cast)
    resume_purpose(purpose=row, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert (
        Purpose.objects.filter(key=IMAGES).waiting_on(now=timezone.now()).filter(caregiver__user=cast.mother).exists()
    )


def by_letter(cast: Cast) -> Claim:
    """Somebody came in by the mother's letter and said yes; nobody knows yet who that is."""
    now = timezone.now()
    without = cast.caregiver("mother")
    unlink_account(caregiver=without, by=Actor(cast.directie, Hat.ANY, now))
    letter, _ = print_letter(guardianship=without.guardianships.get(), by=Actor(cast.directie, Hat.ANY, now))
    user = account("iemand@elders.example")
    use_letter(letter=letter.uid, user=user, now=now)
    asked = purpose(cast.linde, WEBSITE)
    decide_for_child(child=cast.child("Noor"), answers={asked: (Says.YES, 1)}, by=Actor(user, Hat.ANY, now))
    return Claim.objects.get(how="letter", ended_at=None)


def now_of(deed: Callable[..., Any], by: User | None = None, **given: Any) -> Any:
    """What somebody does now, or what happens by itself."""
    now = timezone.now()
    return deed(by=Actor(by, Hat.ANY, now), **given) if by else deed(now=now, **given)


def rather_not(cast: Cast) -> Child:
    now_of(note_reluctance, child=cast.child("Noor"), note="", by=cast.teacher)
    return cast.child("Noor")


def shielded(cast: Cast) -> Child:
    now_of(shield_child, child=cast.child("Noor"), reason="geheim", by=cast.directie)
    return cast.child("Noor")


def retired(cast: Cast) -> Any:
    return now_of(retire_purpose, purpose=purpose(cast.linde, IMAGES), by=cast.directie)


ACTS: dict[str, tuple[Callable[[Cast], Any], bool | None]] = {
    "no": (lambda cast: say(cast, "father", Says.NO), False),
    "no on paper": (signed, False),
    "no longer a parent": (no_longer, True),
    "a reader only": (reader, True),
    "a no, and nobody decides any more": (nobody_decides, False),
    "liever niet": (rather_not, False),
    "toch wel": (lambda cast: now_of(end_reluctance, child=rather_not(cast), by=cast.teacher), True),
    "a shield": (shielded, False),
    "no shield any more": (
        lambda cast: now_of(lift_shield, child=shielded(cast), reason="voorbij", by=cast.directie),
        True,
    ),
    "a round that closed": (asked_again, None),
    "retired": (retired, None),
    "a no, and retired": (lambda cast: (say(cast, "father", Says.NO), retired(cast)), False),
    "resumed": (lambda cast: now_of(resume_purpose, purpose=retired(cast), by=cast.directie), True),
    "resumed after a round that closed": (resumed_after_a_round, None),
    "everybody has to": (
        lambda cast: now_of(require_everybody, school=cast.linde, everybody=True, by=cast.directie),
        None,
    ),
    "more people see it": (lambda cast: seen_by(cast, "school"), None),
    "more people see it, and a yes to that": (
        lambda cast: (seen_by(cast, "school"), say(cast, "father", Says.YES)),
        True,
    ),
    "fewer again": (lambda cast: seen_by(cast, "everybody", "groups"), True),
    "by way of fewer": (lambda cast: seen_by(cast, "everybody", "groups", "school"), None),
    "the same": (lambda cast: seen_by(cast, "groups"), True),
    "another ground": (lambda cast: on_ground(cast, "objection"), True),
    "consent again": (on_consent_again, True),
    "by letter": (by_letter, None),
    "known": (lambda cast: now_of(confirm_claim, claim=by_letter(cast), by=cast.teacher), None),
    "somebody else": (lambda cast: now_of(deny_claim, claim=by_letter(cast)), None),
}
"""What is done after the mother's yes, and whether Noor is shown then, refused, or neither."""


@pytest.mark.parametrize("name", ACTS)
def test_the_rows_are_what_the_answers_say(cast: Cast, noor: Child, name: str) -> None:
    act, is_shown = ACTS[name]
    act(cast)
    assert not access.drift()[TABLE]
    rows = Clearance.objects.filter(active_at(timezone.now()), child=noor, key=IMAGES)
    assert list(rows.values_list("is_shown", flat=True)) == ([] if is_shown is None else [is_shown])


def test_an_adult_answers_for_the_own_image(cast: Cast) -> None:
    begin(cast)
    now_of(decide_for_self, school=cast.linde, answers={purpose(cast.linde, IMAGES): (Says.YES, 1)}, by=cast.teacher)
    assert not access.drift()[TABLE]
    assert Clearance.objects.filter(adult=cast.teacher, school=cast.linde, key=IMAGES, is_shown=True).exists()


def test_the_night_finds_a_row_too_few_and_one_too_many(cast: Cast, noor: Child) -> None:
    now = timezone.now()
    assert not check_access(now=now)[TABLE]
    Clearance.objects.filter(child=noor).delete()
    Clearance.objects.create(
        school=cast.linde, child=cast.child("Sem"), key=IMAGES, is_shown=True, valid_from=now, valid_until=now + HOUR
    )
    found = check_access(now=now)[TABLE]
    assert (found.missing, found.extra) == (1, 1)
    check_access(repair=True, now=now)
    assert not check_access(now=now)[TABLE]
    assert Clearance.objects.filter(child=noor, is_shown=True).exists()


def test_a_no_is_one_row_for_another(cast: Cast, noor: Child) -> None:
    """Whatever the number of photos: no photo is touched, the next page asks the row."""
    with CaptureQueriesContext(connection) as asked:
        say(cast, "father", Says.NO)
    about = [one["sql"].split()[0] for one in asked if '"consent_clearance"' in one["sql"]]
    assert about == ["SELECT", "DELETE", "INSERT"]
