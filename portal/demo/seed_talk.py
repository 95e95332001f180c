"""A few conversations of the demo's first school: with both parents, with one of them, and started by a parent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from groups.models import Caregiver, Child, StaffMember
from groups.roles import Hat
from messaging.models import Thread
from messaging.services.threads import mark_messages_read, start_thread, write_message
from portal.core.models import User
from portal.demo.cast import KLINKERHOEK, PERSONA_EMAILS
from portal.demo.content import Calendar
from portal.demo.seed_people import SeededSchool

MOTHER, FATHER, COUNCIL = (PERSONA_EMAILS[slug] for slug in ("moeder", "vader", "mr"))
SCHOOL = ""
"""The teacher speaks; every other speaker is a parent by address."""


class Said(NamedTuple):
    """`ago` in working days, `at` on the clock of the school."""

    ago: int
    at: str
    by: str
    text: str


class PlannedTalk(NamedTuple):
    child: str
    teacher: str
    parents: Sequence[str]
    title: str
    said: Sequence[Said]


TALKS = (
    PlannedTalk(
        "Noor",
        "M05",
        (MOTHER, FATHER),
        "Lezen op niveau",
        (
            Said(4, "15.40", SCHOOL, "Dag! Noor leest thuis graag strips, vertelde ze. Dat is goed nieuws.\n\n"
                 "Zullen we samen kijken welke boeken bij haar passen?"),
            Said(4, "19.22", MOTHER, "Ja, graag. Ik vind de boeken van school nu te makkelijk voor haar."),
            Said(3, "12.05", FATHER, "Bij mij leest ze elke avond een kwartier. Ze wil graag iets over dieren."),
            Said(2, "8.20", SCHOOL, "Fijn om te horen. Ik doe deze week een korte leestoets met Noor. "
                 "Daarna leg ik drie boeken voor haar klaar."),
        ),
    ),
    PlannedTalk(
        "Noor",
        "M05",
        (MOTHER,),
        "Dinsdag eerder weg",
        (
            Said(2, "20.15", MOTHER, "Noor moet dinsdag om 14.00 uur naar de tandarts. Mag zij dan eerder weg?"),
            Said(1, "8.12", SCHOOL, "Dat is goed. Ik zet haar om 13.45 uur klaar bij de deur."),
        ),
    ),
    PlannedTalk(
        "Evi",
        "M04",
        (COUNCIL,),
        "Moe na het zwemmen",
        (
            Said(3, "16.30", COUNCIL, "Evi is erg moe op dinsdag. Zij zwemt op maandagavond. Merkt u daar iets van?"),
            Said(2, "8.35", SCHOOL, "Ja, dinsdag is zij wat stiller. Ik geef haar die ochtend een rustige plek."),
        ),
    ),
)  # fmt: skip


def hold_conversations(seeded: SeededSchool, *, now: datetime) -> None:
    """Everything that was said before `now`, each by its own writer; who answers has read what came before."""
    if seeded.school.brin != KLINKERHOEK.brin:
        return
    calendar = Calendar(seeded.plan.starts_on, now)
    for talk in TALKS:
        _hold(talk, seeded, calendar, now)


def _hold(talk: PlannedTalk, seeded: SeededSchool, calendar: Calendar, now: datetime) -> None:
    child = Child.objects.get(
        school=seeded.school, first_name=talk.child, guardianships__caregiver__email=talk.parents[0]
    )
    teacher = StaffMember.objects.select_related("user").get(school=seeded.school, roster_key=talk.teacher)
    parents = [Caregiver.objects.get(school=seeded.school, email=email) for email in talk.parents]
    spoken = [(calendar.moment(said.ago, said.at), said) for said in talk.said]
    thread: Thread | None = None
    for at, said in sorted(spoken, key=lambda one: one[0]):
        if at >= now:
            continue
        by, hat = _speaker(said, teacher)
        if thread is None:
            own = parents if hat == Hat.STAFF else [one for one in parents if one.email == said.by]
            thread = start_thread(
                child=child, caregivers=own, staff=[teacher], title=talk.title, text=said.text, by=by, hat=hat, now=at
            )
        else:
            write_message(thread=thread, text=said.text, by=by, hat=hat, now=at)
    if thread and teacher.user:
        _look(thread, teacher.user, min(spoken[-1][0] + timedelta(minutes=5), now))


def _speaker(said: Said, teacher: StaffMember) -> tuple[User, Hat]:
    if said.by == SCHOOL:
        if teacher.user is None:
            raise LookupError(teacher.roster_key)
        return teacher.user, Hat.STAFF
    return User.objects.get(email=said.by), Hat.FAMILY


def _look(thread: Thread, teacher: User, at: datetime) -> None:
    uids = list(thread.messages.values_list("uid", flat=True))
    mark_messages_read(user=teacher, hat=Hat.STAFF, uids=uids, now=at)
