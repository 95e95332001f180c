"""The present of one school, read set-based for the planning of an import: eleven statements, whatever its size."""

from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import Group, School
from groups.records.models.shields import Shield
from groups.records.models.truth import Enrolment, Guardianship, StaffAssignment
from groups.roster.domain.snapshot import (
    CaregiverThere,
    ChildThere,
    GroupThere,
    GuardianshipThere,
    LinkThere,
    Snapshot,
    StaffThere,
    Target,
)

NAMES = ("first_name", "prefix", "last_name")


def take_snapshot(school: School) -> Snapshot:
    """Everything the roster may touch at `school`, and what was given by hand and it must leave alone."""
    staff = _staff(school)
    return Snapshot(
        brin=school.brin,
        dependance=school.dependance,
        school_id=school.pk,
        groups=_groups(school),
        children=_children(school),
        enrolments=_enrolments(school),
        staff={member.key: member for member in staff if member.key},
        staff_by_hand=[member for member in staff if not member.key],
        assignments=_assignments(school),
        caregivers=_caregivers(school),
        guardianships=_guardianships(school),
        shielded=frozenset(Shield.objects.filter(child__school=school).values_list("child__roster_key", flat=True)),
    )


def _first_year(name: str) -> int:
    return int(name[:4])


def _groups(school: School) -> list[GroupThere]:
    columns = ("pk", "school_year__name", "roster_key", "kind", "name", "year_level", "colour", "shape")
    rows = Group.objects.filter(school=school).order_by("pk").values_list(*columns)
    return [GroupThere(pk, (_first_year(year), key), *rest) for pk, year, key, *rest in rows]


def _children(school: School) -> dict[str, ChildThere]:
    columns = ("pk", "roster_key", *NAMES, "birth_on", "left_at")
    rows = Child.objects.filter(school=school).order_by("pk").values_list(*columns)
    return {row[1]: ChildThere(*row) for row in rows}


def _enrolments(school: School) -> list[LinkThere]:
    columns = (
        "pk",
        "child__roster_key",
        "group__school_year__name",
        "group__roster_key",
        "valid_from",
        "valid_until",
    )
    rows = Enrolment.objects.filter(child__school=school).order_by("pk").values_list(*columns)
    return [
        LinkThere(pk, owner, Target((_first_year(year), key)), valid_from, valid_until)
        for pk, owner, year, key, valid_from, valid_until in rows
    ]


def _staff(school: School) -> list[StaffThere]:
    chosen = ("display_name_chosen", "function_chosen", "email_by_id")
    columns = ("pk", "roster_key", *NAMES, "display_name", "function", "email", "user_id", *chosen)
    rows = StaffMember.objects.filter(school=school).order_by("pk").values_list(*columns)
    return [
        StaffThere(
            pk, key, first, prefix, last, display_name, function, email, user_id is not None, *map(bool, by_hand)
        )
        for pk, key, first, prefix, last, display_name, function, email, user_id, *by_hand in rows
    ]


def _assignments(school: School) -> list[LinkThere]:
    columns = (
        "pk",
        "staff__roster_key",
        "group__school_year__name",
        "group__roster_key",
        "role",
        "valid_from",
        "valid_until",
        "from_roster",
    )
    rows = StaffAssignment.objects.filter(school=school).exclude(staff__roster_key="").order_by("pk")
    return [
        LinkThere(pk, owner, Target((_first_year(year), key) if key else None, role), start, end, not from_roster)
        for pk, owner, year, key, role, start, end, from_roster in rows.values_list(*columns)
    ]


def _caregivers(school: School) -> dict[int, CaregiverThere]:
    rows = (
        Caregiver.objects.filter(school=school)
        .order_by("pk")
        .values_list("pk", *NAMES, "email", "user_id", "postal_address", "phone")
    )
    return {
        pk: CaregiverThere(pk, first, prefix, last, email, user_id is not None, postal_address, phone)
        for pk, first, prefix, last, email, user_id, postal_address, phone in rows
    }


def _guardianships(school: School) -> list[GuardianshipThere]:
    columns = (
        "pk",
        "caregiver_id",
        "child__roster_key",
        "level",
        "relation",
        "valid_from",
        "valid_until",
        "decided_by_id",
    )
    rows = Guardianship.objects.filter(child__school=school).order_by("pk").values_list(*columns)
    return [
        GuardianshipThere(pk, caregiver, child, level, relation, valid_from, valid_until, decided_by is not None)
        for pk, caregiver, child, level, relation, valid_from, valid_until, decided_by in rows
    ]
