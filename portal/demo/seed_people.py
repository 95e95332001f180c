"""The demo's people, let in the way a real school's are: files through the importer, everybody through the own door.

Every act goes through the services, with the moment at which it would have happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.db import transaction

from groups.first_day.services.opening import open_school
from groups.letters.services.invitations import use_letter
from groups.letters.services.people import claim_at_once, open_account
from groups.models import Caregiver, Child, Foundation, Group, Guardianship, Level, School, StaffMember
from groups.people.services.guardianships import decide_guardianship
from groups.people.services.pupils import print_pupil_letters
from groups.records.services.locks import hold_schools
from groups.roles import Hat, Role
from groups.roster.domain import caregivers, edexml
from groups.roster.services.roster import RosterImport, SchoolCode, import_roster
from groups.schools.services import change_school, change_signature
from groups.staff.services.staff import invite_staff, seat_council_member
from portal.core.actor import Actor, clock
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem, User
from portal.demo.cast import (
    ALWAYS_IN,
    BANNED,
    CASE_OFFICER,
    COUNCIL_EMAILS,
    DIRECTIES,
    FOUNDATION,
    IT_ADMINISTRATOR,
    NIEUWE_BRUG,
    OUTLINES,
    PERSONA_EMAILS,
    PUPIL,
    READER,
    UITKIJK,
)
from portal.demo.plan import DemoSchool, Name
from portal.demo.rosterfiles import caregivers_csv_of, edexml_of
from portal.demo.school import SEED, build_school

PART_THAT_CAME_IN = 0.5
_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class SeededSchool:
    plan: DemoSchool
    school: School
    opened_at: datetime


def is_seeded() -> bool:
    return School.objects.filter(brin__in=[outline.brin for outline in OUTLINES]).exists()


def import_schools(*, now: datetime) -> list[SeededSchool]:
    """Both schools, from generated files and by the importer, as on the first morning of the school year."""
    Foundation.objects.create(name=FOUNDATION)
    day = now.astimezone(SCHOOL_ZONE).date()
    return [_import_school(build_school(outline, day=day)) for outline in OUTLINES]


def begin_with_a_new_school(*, now: datetime) -> None:
    """A third one, which is having its first day: its roster is there, and its directie is in."""
    plan = build_school(NIEUWE_BRUG, day=now.astimezone(SCHOOL_ZONE).date())
    school = _imported(plan, now)
    name, email = DIRECTIES[NIEUWE_BRUG.brin]
    invite_staff(email=email, role=Role.DIRECTIE, school=school, name=name, by=clock(now))
    _come_in([email], school=school, now=now)


def begin_with_older_pupils(*, now: datetime) -> SeededSchool:
    """A small fourth one, whose pupils are in their teens."""
    seeded = _import_school(build_school(UITKIJK, day=now.astimezone(SCHOOL_ZONE).date()))
    name, email = DIRECTIES[UITKIJK.brin]
    invite_staff(email=email, role=Role.DIRECTIE, school=seeded.school, name=name, by=clock(seeded.opened_at))
    for let_in in (let_staff_in, open_schools, let_caregivers_in):
        let_in([seeded])
    return seeded


def let_a_pupil_in(seeded: SeededSchool) -> None:
    """With the letter that the directie printed for her. Nobody gets a mail of months ago."""
    now = seeded.opened_at + 4 * _SOON
    user = open_account(address=PERSONA_EMAILS["leerling"])
    EmailAddress.objects.filter(user=user).update(verified=True)
    _, email = DIRECTIES[seeded.school.brin]
    directie = Actor(User.objects.get(email=email), Hat.STAFF, now)
    pupil = Child.objects.get(school=seeded.school, first_name=PUPIL.first, last_name=PUPIL.last)
    [(_, letter, _)] = print_pupil_letters(pupils=[pupil], by=directie)
    use_letter(letter=letter.uid, user=user, now=now)
    OutboxItem.objects.filter(kind="pupil_arrived").delete()


def _import_school(plan: DemoSchool) -> SeededSchool:
    opened_at = datetime.combine(plan.starts_on, datetime.min.time(), SCHOOL_ZONE)
    school = _imported(plan, opened_at)
    _fill_in_the_school(plan, school, opened_at)
    return SeededSchool(plan, school, opened_at)


def _imported(plan: DemoSchool, now: datetime) -> School:
    outline = plan.outline
    order = RosterImport(
        school=SchoolCode(outline.brin, "00"),
        roster=edexml.parse(edexml_of(plan, made_on=plan.starts_on), file=f"{outline.brin}.edex.xml"),
        caregivers=caregivers.parse(caregivers_csv_of(plan), file=f"{outline.brin}-verzorgers.csv"),
        create_school=outline.name,
    )
    import_roster(order=order, by=clock(now))
    return School.objects.get(brin=outline.brin)


def _fill_in_the_school(plan: DemoSchool, school: School, now: datetime) -> None:
    """What no roster knows: where the school is, its phone number, and the names parents use."""
    outline = plan.outline
    change_school(
        school=school,
        phone=outline.phone,
        street=outline.street,
        town=outline.town,
        helpdesk_email=f"helpdesk@{outline.domain}",
        confidant=f"Wil Postma, vertrouwen@{outline.domain}",
        board_contact=f"klachten@{outline.domain}",
        complaints_committee=f"Klachtencommissie Onderwijs Noord, commissie@{outline.domain}",
        privacy_officer=f"Sam de Wit, privacy@{outline.domain}",
        council_contact=f"mr@{outline.domain}",
        opening_hours="8.00 tot 16.30 uur",
        by=clock(now),
    )
    known_as = {member.key: member.known_as for member in outline.staff}
    for staff in StaffMember.objects.filter(school=school, roster_key__in=known_as).order_by("pk"):
        name = known_as[staff.roster_key] or staff.display_name
        change_signature(staff=staff, display_name=name, function=staff.function, by=clock(now))


def invite_first_people(seeded: list[SeededSchool]) -> None:
    """Directie, IT and the foundation come by invitation; a roster never makes them."""
    for each in seeded:
        name, email = DIRECTIES[each.school.brin]
        invite_staff(email=email, role=Role.DIRECTIE, school=each.school, name=name, by=clock(each.opened_at))
    first = seeded[0]
    for (name, email), role in ((IT_ADMINISTRATOR, Role.ICT), (CASE_OFFICER, Role.CASE_OFFICER)):
        invite_staff(email=email, role=role, school=first.school, name=name, by=clock(first.opened_at))


def let_staff_in(seeded: list[SeededSchool]) -> None:
    for each in seeded:
        staff = StaffMember.objects.filter(school=each.school).order_by("pk").values_list("email", flat=True)
        _come_in(staff, school=each.school, now=each.opened_at + _SOON)


def decide_about_caregivers(seeded: list[SeededSchool]) -> None:
    """What the directie of the first school decided: a grandmother reads along, one contact is banned, two MR seats."""
    each = seeded[0]
    directie = User.objects.get(email=DIRECTIES[each.school.brin][1])
    now = each.opened_at + 2 * _SOON
    decisions = (
        (READER, Level.ADMITTED_READER, "Oma past drie dagen per week op. De moeder vroeg erom, in gesprek."),
        (BANNED, Level.CONTACT_BAN, "De moeder liet de uitspraak zien op school."),
    )
    for name, level, evidence in decisions:
        guardianship = Guardianship.objects.open().get(caregiver=_caregiver(name, each.school))
        decide_guardianship(guardianship=guardianship, level=level, evidence=evidence, by=Actor(directie, Hat.ANY, now))
    council = Group.objects.get(school=each.school, roster_key="@mr")
    for caregiver in Caregiver.objects.filter(school=each.school, email__in=COUNCIL_EMAILS):
        seat_council_member(group=council, caregiver=caregiver, by=Actor(directie, Hat.ANY, now))


def _caregiver(name: Name, school: School) -> Caregiver:
    return Caregiver.objects.get(school=school, first_name=name.first, prefix=name.prefix, last_name=name.last)


def open_schools(seeded: list[SeededSchool]) -> None:
    """From here on parents come in. Nobody gets a mail of months ago."""
    for each in seeded:
        open_school(school=each.school, by=clock(each.opened_at + 2 * _SOON))
    OutboxItem.objects.filter(kind="parent_welcome").delete()


def let_caregivers_in(seeded: list[SeededSchool]) -> None:
    """About half of those who may; the rest is still to come, so that "reached" has something to say."""
    for each in seeded:
        rng = Random(f"{SEED}-{each.school.brin}-arrivals")
        now = each.opened_at + 3 * _SOON
        admitted = Caregiver.objects.filter(school=each.school).exclude(email="").admitted(now=now)
        addresses = admitted.order_by("pk").values_list("email", flat=True)
        chosen = [email for email in addresses if rng.random() < PART_THAT_CAME_IN or email in ALWAYS_IN]
        _come_in(chosen, school=each.school, now=now)


def _come_in(addresses: Iterable[str], *, school: School, now: datetime) -> None:
    """As if the code that was mailed to each of these addresses had been typed in."""
    with transaction.atomic():
        users = [open_account(address=address) for address in addresses]
        EmailAddress.objects.filter(user__in=users).update(verified=True)
        hold_schools(school.pk)
        claim_at_once(school=school, now=now)
