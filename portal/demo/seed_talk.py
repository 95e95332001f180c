"""A few conversations of the demo's first school: with both parents, with one of them, started by a parent, and one
that goes wrong, with the directie in it; and a draft of the council that waits for her."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from groups.models import Caregiver, Child, Group, StaffMember
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint
from messaging.handins.services.handins import hand_in
from messaging.models import Thread
from messaging.posts.services.posts import Draft
from messaging.talks.services.threads import mark_messages_read, start_thread, write_message
from messaging.talks.services.threads_steering import join_directie
from messaging.writings.domain.text import PostContent
from portal.core.actor import Actor
from portal.core.models import User
from portal.demo.cast import KLINKERHOEK, PERSONA_EMAILS
from portal.demo.content import Calendar
from portal.demo.seed_people import SeededSchool

MOTHER, FATHER, COUNCIL, DIRECTIE = (PERSONA_EMAILS[slug] for slug in ("moeder", "vader", "mr", "directie"))
SCHOOL = ""
"""The teacher speaks; so does the directie by her address, and every other speaker is a parent by address."""
SUBSTITUTE = "M15"
ASKS = "-"
"""In the place of a text: the speaker asks the directie in."""


class Turn(NamedTuple):
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
    said: Sequence[Turn]


TALKS = (
    PlannedTalk(
        "Noor",
        "M05",
        (MOTHER, FATHER),
        "Lezen op niveau",
        (
            Turn(4, "15.40", SCHOOL, "Dag! Noor leest thuis graag strips, vertelde ze. Dat is goed nieuws.\n\n"
                 "Zullen we samen kijken welke boeken bij haar passen?"),
            Turn(4, "19.22", MOTHER, "Ja, graag. Ik vind de boeken van school nu te makkelijk voor haar."),
            Turn(3, "12.05", FATHER, "Bij mij leest ze elke avond een kwartier. Ze wil graag iets over dieren."),
            Turn(2, "8.20", SCHOOL, "Fijn om te horen. Ik doe deze week een korte leestoets met Noor. "
                 "Daarna leg ik drie boeken voor haar klaar."),
        ),
    ),
    PlannedTalk(
        "Noor",
        "M05",
        (MOTHER,),
        "Dinsdag eerder weg",
        (
            Turn(2, "20.15", MOTHER, "Noor moet dinsdag om 14.00 uur naar de tandarts. Mag zij dan eerder weg?"),
            Turn(1, "8.12", SCHOOL, "Dat is goed. Ik zet haar om 13.45 uur klaar bij de deur."),
        ),
    ),
    PlannedTalk(
        "Noor",
        "M05",
        (FATHER,),
        "Weer geen fruit mee",
        (
            Turn(3, "21.48", FATHER, "Noor zegt dat u haar liet wachten met eten. Dat is de derde keer!"),
            Turn(2, "8.10", SCHOOL, "Dat klopt niet helemaal. De hele groep at wat later. Zullen we even bellen?"),
            Turn(2, "20.31", FATHER, "Ik wil niet bellen. U luistert toch niet. Morgen sta ik in uw klas."),
            Turn(1, "8.05", SCHOOL, ASKS),
            Turn(1, "9.20", DIRECTIE, "Meneer Bouzid, ik lees vanaf nu mee. Ik bel u vanmiddag. "
                 "Kom alstublieft niet zomaar de klas in. Juf Anna en ik maken graag een afspraak met u."),
        ),
    ),
    PlannedTalk(
        "Evi",
        "M04",
        (COUNCIL,),
        "Moe na het zwemmen",
        (
            Turn(3, "16.30", COUNCIL, "Evi is erg moe op dinsdag. Zij zwemt op maandagavond. Merkt u daar iets van?"),
            Turn(2, "8.35", SCHOOL, "Ja, dinsdag is zij wat stiller. Ik geef haar die ochtend een rustige plek."),
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
    _let_substitute_in(seeded, calendar.moment(1, "15.30"))
    _hand_in_for_the_council(seeded, calendar.moment(1, "16.10"))


def _let_substitute_in(seeded: SeededSchool, at: datetime) -> None:
    """A colleague takes over a part of the week of groep 4: a line in each of its conversations says so."""
    group = Group.objects.get(school=seeded.school, roster_key="G4", school_year__ends_at__gt=at)
    staff = StaffMember.objects.get(school=seeded.school, roster_key=SUBSTITUTE)
    by = User.objects.get(email=DIRECTIE)
    appoint(staff=staff, role=Role.TEACHER, school=seeded.school, group=group, by=Actor(by, Hat.ANY, at))


def _hand_in_for_the_council(seeded: SeededSchool, at: datetime) -> None:
    council = Group.objects.get(school=seeded.school, kind="council", label="MR", school_year__ends_at__gt=at)
    words: PostContent = {
        "topic": "notice",
        "title": "Denkt u mee in de MR?",
        "text": "In januari komt er een plek vrij in de MR. We praten mee over lestijden, geld en veiligheid.\n\n"
        "Zin om mee te denken? Kom dan kijken op onze vergadering op dinsdagavond.",
        "replies": "off",
    }
    hand_in(
        kind="council",
        group=Group.objects.get(school=seeded.school, kind="school", school_year=council.school_year),
        council=council,
        draft=Draft(words),
        word="Graag voor vrijdag plaatsen.",
        by=Actor(User.objects.get(email=COUNCIL), Hat.FAMILY, at),
    )


def _hold(talk: PlannedTalk, seeded: SeededSchool, calendar: Calendar, now: datetime) -> None:
    child = Child.objects.get(
        school=seeded.school, first_name=talk.child, guardianships__caregiver__email=talk.parents[0]
    )
    teacher = StaffMember.objects.select_related("user").get(school=seeded.school, roster_key=talk.teacher)
    parents = [Caregiver.objects.get(school=seeded.school, email=email) for email in talk.parents]
    spoken = [(calendar.moment(turn.ago, turn.at), turn) for turn in talk.said]
    thread: Thread | None = None
    for at, turn in sorted(spoken, key=lambda one: one[0]):
        if at >= now:
            continue
        by, hat = _speaker(turn, teacher)
        if thread is None:
            own = parents if hat == Hat.STAFF else [one for one in parents if one.email == turn.by]
            thread = start_thread(
                child=child, caregivers=own, staff=[teacher], title=talk.title, text=turn.text, by=Actor(by, hat, at)
            )
        elif turn.text == ASKS:
            join_directie(thread=thread, by=Actor(by, hat, at))
        else:
            write_message(thread=thread, text=turn.text, by=Actor(by, hat, at))
    if thread and teacher.user:
        _look(thread, teacher.user, min(spoken[-1][0] + timedelta(minutes=5), now))


def _speaker(turn: Turn, teacher: StaffMember) -> tuple[User, Hat]:
    if turn.by == SCHOOL:
        if teacher.user is None:
            raise LookupError(teacher.roster_key)
        return teacher.user, Hat.STAFF
    return User.objects.get(email=turn.by), Hat.STAFF if turn.by == DIRECTIE else Hat.FAMILY


def _look(thread: Thread, teacher: User, at: datetime) -> None:
    uids = list(thread.messages.values_list("uid", flat=True))
    mark_messages_read(by=Actor(teacher, Hat.STAFF, at), uids=uids)
