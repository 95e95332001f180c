"""The rules of the demo's first school, and what its people think of Kring: everything by the services.

The rules came into force last week, with the consent of the MR. Nearly everybody confirmed; of the people a visitor can
be only Femke has still to. The questionnaire of the weeks before is closed.
"""

from datetime import datetime, timedelta
from random import Random

from groups.roles import Hat
from moderation.models import Protocol
from moderation.rules.querysets.protocols import people_of
from moderation.rules.services.acknowledging import acknowledge
from moderation.rules.services.evaluations import answer_evaluation, close_evaluation, open_evaluation
from moderation.rules.services.protocols import put_in_force, start_draft
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User
from portal.demo.cast import COUNCIL_EMAIL, DIRECTIES, KLINKERHOEK, PERSONA_EMAILS
from portal.demo.school import SEED
from portal.demo.seed_people import SeededSchool

BEGAN = timedelta(days=6)
PARENTS_WAIT = timedelta(days=14)
ASKED = timedelta(days=12)
CLOSED = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
_PART_THAT_CONFIRMED = 0.8
_PART_THAT_ANSWERED = 0.3
_MEETING = "Besproken in de vergadering van oktober."
REMARKS = (
    "Fijn dat alles op één plek staat.",
    "De foto’s van het bos waren prachtig!",
    "Ik zou graag een dag eerder weten wat er mee moet.",
    "Kan het weeknieuws ook op donderdag komen?",
    "Ik vind de berichten goed te begrijpen, ook met mijn Nederlands.",
    "Soms mis ik een bericht omdat ik te veel mail krijg.",
    "Blij dat ik zelf kies over de foto’s.",
)


def make_rules(seeded: SeededSchool, *, now: datetime) -> None:
    """Put the rules in force, confirm them for nearly everybody, and ask what people think."""
    if seeded.school.brin != KLINKERHOEK.brin:
        return
    directie = User.objects.get(email=DIRECTIES[seeded.school.brin][1])
    first = seeded.opened_at + 20 * _MINUTE
    _ask_around(seeded, directie, asked=max(now - ASKED, first), closed=max(now - CLOSED, first + 5 * _MINUTE))
    _let_people_confirm(_rules_of(seeded, directie, max(now - BEGAN, first + 10 * _MINUTE)))


def _rules_of(seeded: SeededSchool, directie: User, now: datetime) -> Protocol:
    today = at_school(now).date()
    draft = start_draft(school=seeded.school, by=Actor(directie, Hat.ANY, now))
    return put_in_force(
        draft=draft,
        version=draft.version,
        effective_on=today,
        confirm_by=today + PARENTS_WAIT,
        council_consented_on=today,
        council_note=_MEETING,
        by=Actor(directie, Hat.ANY, now),
    )


def _let_people_confirm(protocol: Protocol) -> None:
    rng, at = Random(f"{SEED}-rules"), protocol.effective_at + 2 * _MINUTE
    visitors = set(PERSONA_EMAILS.values())
    for person in people_of(protocol.school, now=at).order_by("pk"):
        is_diligent = person.as_staff or person.email in visitors or rng.random() < _PART_THAT_CONFIRMED
        if is_diligent and person.email != COUNCIL_EMAIL:
            acknowledge(protocol=protocol, by=Actor(person, Hat.ANY, at))


def _ask_around(seeded: SeededSchool, directie: User, *, asked: datetime, closed: datetime) -> None:
    rng = Random(f"{SEED}-questions")
    opened = open_evaluation(school=seeded.school, by=Actor(directie, Hat.ANY, asked))
    remarks = list(REMARKS)
    people = list(people_of(seeded.school, now=asked).order_by("pk"))
    for person in people:
        if rng.random() < _PART_THAT_ANSWERED:
            scores = rng.choices(range(1, 6), weights=(2, 4, 10, 32, 30), k=5)
            words = remarks.pop() if remarks and rng.random() < 0.5 else ""
            answer_evaluation(evaluation=opened, scores=scores, words=words, by=Actor(person, Hat.ANY, asked + _MINUTE))
    close_evaluation(evaluation=opened, by=Actor(directie, Hat.ANY, closed))
