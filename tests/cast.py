"""The people of the tests. Made by the services: a roster imported, records claimed, decisions taken.

De Linde (99CA) has groep 4 and groep 5; De Berk (99CB) is another school of the same foundation. Who each person is
stands beside the name in `PEOPLE`; the permission matrix and the one-rule test go through all of them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from groups.letters.services.people import claim_records, open_account
from groups.models import Caregiver, Child, Foundation, Group, Guardianship, Level, School, StaffMember
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.people.services.shields import shield_child
from groups.roles import Hat, Role
from groups.roster.domain import caregivers, edexml
from groups.roster.domain.years import year_end, year_of
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from groups.staff.services.staff import appoint, invite_staff, seat_council_member
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import User
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of
from tests.rows import open_schools
from tests.share import at_night

PEOPLE = {
    "mother": "of Noor in groep 4, with authority",
    "father": "of Noor, with authority, lives elsewhere",
    "father_without_authority": "of Sem in groep 4: was in, the directie took it back",
    "admitted_reader": "Noor's grandmother, let in by the directie to read",
    "other_parent": "of Tess in groep 5",
    "parent_of_two": "of Finn in groep 4 and Lot in groep 5",
    "former_parent": "of Mila in groep 4; the guardianship ended",
    "future_parent": "of Daan, who comes to groep 4 next month",
    "council_member": "of Bram in groep 5, in the MR",
    "inactive": "of Pim in groep 4; the account is closed",
    "teacher": "of groep 4",
    "teacher_who_is_parent": "of groep 5, with a daughter Jet in groep 4",
    "teacher_elsewhere": "of groep 4 of the other school",
    "colleague": "on the staff without a class",
    "substitute": "in groep 4 for now",
    "editor": "writes for the whole school",
    "directie": "of De Linde",
    "directie_elsewhere": "of De Berk",
    "parent_elsewhere": "of Saar in groep 4 of De Berk",
    "ict": "looks after the machine of De Linde",
    "case_officer": "of the foundation: handles what the directie of De Linde is a party in",
    "pupil": "Tess herself, linked to an account",
    "operator": "the superuser of the installation",
}
NAMES = [*PEOPLE, "anonymous"]
ONE_OF_EACH = ["mother", "admitted_reader", "other_parent", "council_member", "teacher", "teacher_who_is_parent",
               "directie", "parent_elsewhere", "case_officer", "anonymous"]  # fmt: skip
"""Somebody for each way to a right, and somebody without any."""
OFTEN = ONE_OF_EACH if connection.vendor == "postgresql" else NAMES
"""Whom every run asks: everybody on SQLite; PostgreSQL has its night for the others."""
SIGN_IN = "allauth.account.auth_backends.AuthenticationBackend"
"""The backend a test signs people in with."""
FAMILY = ["mother", "father", "admitted_reader", "parent_of_two", "teacher_who_is_parent"]
"""Who reads groep 4 in the family hat."""
STAFF = ["teacher", "substitute", "directie"]
"""Who reads groep 4 in the staff hat."""

SHIELDED = "Zwaantje"
"""Of groep 5, with two caregivers who are not in: only her team may read the names below."""
SURNAMES = {SHIELDED: ("Kwikstaart", "Goudvink")}
"""Of a child and of its caregivers, where these say something in themselves: see `tests.canaries`."""

_PUPILS = {
    "99CA": {
        "Noor": "G4",
        "Sem": "G4",
        "Tess": "G5",
        "Finn": "G4",
        "Lot": "G5",
        "Mila": "G4",
        "Bram": "G5",
        "Pim": "G4",
        "Jet": "G4",
        "Zwaantje": "G5",
    },
    "99CB": {"Saar": "G4"},
}
_STAFF = {
    "99CA": {"teacher": "G4", "teacher_who_is_parent": "G5", "colleague": "", "substitute": "", "editor": ""},
    "99CB": {"teacher_elsewhere": "G4"},
}
_CAREGIVERS = {
    "99CA": [("Noor", "mother", "ja"), ("Noor", "father", "ja"), ("Noor", "admitted_reader", ""),
             ("Sem", "father_without_authority", "ja"), ("Tess", "other_parent", "ja"), ("Finn", "parent_of_two", "ja"),
             ("Lot", "parent_of_two", "ja"), ("Mila", "former_parent", "ja"), ("Bram", "council_member", "ja"),
             ("Pim", "inactive", "ja"), ("Jet", "teacher_who_is_parent", "ja"), ("Zwaantje", "waiting", ""),
             ("Zwaantje", "", "ja")],
    "99CB": [("Saar", "parent_elsewhere", "ja")],
}  # fmt: skip


def each(names: Iterable[str] = NAMES) -> list[Any]:
    """These people as parameters; who is not in `OFTEN` is for the night."""
    return [name if name in OFTEN else at_night(name) for name in names]


def turn_of(name: str) -> str:
    """Which engine asks this person, where a run on both asks everybody of one of them: others have the same rights."""
    return "postgresql" if name in ONE_OF_EACH else "sqlite"


def address(name: str) -> str:
    return f"{name}@cast.example"


class Cast:
    """The people and places, looked up when asked for; `cast.mother`, `cast.groep_4`, `cast.child("Noor")`."""

    def __getattr__(self, name: str) -> User | AnonymousUser:
        if name == "anonymous":
            return AnonymousUser()
        if name not in PEOPLE:
            raise AttributeError(name)
        self.__dict__[name] = User.objects.get(email=address(name))
        return self.__dict__[name]

    def user(self, name: str) -> User | AnonymousUser:
        return getattr(self, name)

    @cached_property
    def linde(self) -> School:
        return School.objects.get(brin="99CA")

    @cached_property
    def berk(self) -> School:
        return School.objects.get(brin="99CB")

    @cached_property
    def groep_4(self) -> Group:
        return self.group("G4")

    @cached_property
    def groep_5(self) -> Group:
        return self.group("G5")

    @cached_property
    def whole_school(self) -> Group:
        return self.group("@school")

    @cached_property
    def mr(self) -> Group:
        return self.group("@mr")

    def group(self, key: str, school: str = "99CA") -> Group:
        return Group.objects.select_related("school").get(school__brin=school, roster_key=key)

    def child(self, first_name: str) -> Child:
        return Child.objects.get(first_name=first_name)

    def caregiver(self, name: str) -> Caregiver:
        return Caregiver.objects.get(email=address(name))

    def guardianship(self, name: str, child: str) -> Guardianship:
        """The latest guardianship of this caregiver over this child."""
        rows = Guardianship.objects.filter(caregiver__email=address(name), child__first_name=child)
        return rows.select_related("child__school", "caregiver").latest("valid_from", "pk")


def build(now: datetime) -> Cast:
    """Import both schools, let everybody come in, take the decisions. Runs once per test database."""
    Foundation.objects.create(name="Stichting De Bomen")
    since = now - timedelta(days=30)
    for brin, name in [("99CA", "De Linde"), ("99CB", "De Berk")]:
        _import(brin, name, since, year_at=now)
    open_schools()
    cast = Cast()
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.linde, name="Dirk Bos", by=clock(since))
    invite_staff(email=address("directie_elsewhere"), role=Role.DIRECTIE, school=cast.berk, by=clock(since))
    invite_staff(email=address("ict"), role=Role.ICT, school=cast.linde, by=clock(since))
    invite_staff(email=address("case_officer"), role=Role.CASE_OFFICER, school=cast.linde, by=clock(since))
    _come_in(PEOPLE.keys() - {"admitted_reader", "pupil", "operator", "future_parent"}, since)
    _decide(cast, since)
    _appoint(cast, since)
    shield_child(child=cast.child(SHIELDED), reason="Een geheim adres.", by=Actor(cast.directie, Hat.ANY, since))
    _let_the_future_in(cast, now)
    User.objects.create_superuser(address("operator"), "een-lang-wachtwoord")
    pupil = open_account(address=address("pupil"))
    Child.objects.filter(first_name="Tess").update(user=pupil)
    User.objects.filter(email=address("inactive")).update(is_active=False)
    return cast


def _come_in(names: set[str], now: datetime) -> None:
    for name in sorted(names):
        user = open_account(address=address(name))
        user.emailaddress_set.update(verified=True)
        claim_records(user=user, now=now)


def _decide(cast: Cast, now: datetime) -> None:
    """The directie lets the grandmother read, takes one father's access back and ends one guardianship."""
    directie = cast.directie
    decide_guardianship(
        guardianship=cast.guardianship("admitted_reader", "Noor"),
        level=Level.ADMITTED_READER,
        by=Actor(directie, Hat.ANY, now),
    )
    _come_in({"admitted_reader"}, now)
    later = now + timedelta(days=1)
    decide_guardianship(
        guardianship=cast.guardianship("father_without_authority", "Sem"),
        level=Level.WITHOUT_AUTHORITY,
        by=Actor(directie, Hat.ANY, later),
    )
    end_guardianship(guardianship=cast.guardianship("former_parent", "Mila"), by=Actor(directie, Hat.ANY, later))


def _appoint(cast: Cast, now: datetime) -> None:
    staff = {member.email: member for member in StaffMember.objects.all()}
    appoint(staff=staff[address("substitute")], role=Role.TEACHER, school=cast.linde, group=cast.groep_4, by=clock(now))
    appoint(staff=staff[address("editor")], role=Role.EDITOR, school=cast.linde, by=clock(now))
    appoint(staff=staff[address("colleague")], role=Role.COLLEAGUE, school=cast.linde, by=clock(now))
    seat_council_member(group=cast.mr, caregiver=cast.caregiver("council_member"), by=clock(now))


def _let_the_future_in(cast: Cast, now: datetime) -> None:
    """A file of a later day brings Daan to groep 4; his mother is known now and reads from that day.

    In July that day is the last of the school year, as no file knows the next; on 31 July nobody is future.
    """
    pupils = {**_PUPILS["99CA"], "Daan": "G4"}
    starts = at_school(min(now + timedelta(days=30), year_end(year_of(now)) - timedelta(hours=12))).date()
    order = RosterImport(
        school=read_school_code("99CA"),
        roster=edexml.parse(edex("99CA", now, pupils=pupils, reference_day=starts.isoformat())),
        caregivers=caregivers.parse(caregivers_csv([*_CAREGIVERS["99CA"], ("Daan", "future_parent", "ja")])),
    )
    import_roster(order=order, by=clock(now - timedelta(days=1)))
    _come_in({"future_parent"}, now - timedelta(days=1))


def _import(brin: str, name: str, now: datetime, *, year_at: datetime) -> None:
    """The file of the year that runs at `year_at`: in August a school brought it along before the holidays."""
    order = RosterImport(
        school=read_school_code(brin),
        roster=edexml.parse(edex(brin, year_at, pupils=_PUPILS[brin])),
        caregivers=caregivers.parse(caregivers_csv(_CAREGIVERS[brin])),
        create_school=name,
    )
    import_roster(order=order, by=clock(now))


def edex(
    brin: str,
    now: datetime,
    *,
    pupils: dict[str, str],
    reference_day: str = "",
    more_staff: dict[str, str] | None = None,
) -> bytes:
    """EDEXML of a small school in the school year of `now`; `more_staff` by name and group beside who is there."""
    children = [
        Pupil(f"L{name}", group, name, SURNAMES.get(name, ["Berg"])[0], born=f"2018-03-0{number % 9 + 1}")
        for number, (name, group) in enumerate(pupils.items())
    ]
    tasks = (_STAFF[brin] | (more_staff or {})).items()
    staff = [Teacher(f"T{name}", (group,) if group else (), address(name), "Juf", name) for name, group in tasks]
    return bytes(Edex(children, staff, ("G4", "G5"), (), year_of(now), brin, reference_day=reference_day))


def caregivers_csv(rows: list[tuple[str, str, str]]) -> bytes:
    """(child, person or "", authority): a person without a name here is somebody without an address."""
    parents = []
    for child, name, authority in rows:
        mail, last = address(name) if name else "", SURNAMES.get(child, ["", "Adres"])[1]
        parents.append(Parent(f"L{child}", (name or "zonder").title(), mail, authority, "verzorger", last, prefix=""))
    return csv_of(parents)
