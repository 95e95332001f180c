"""The cast is what it says: who reads which group, in which hat, as a literal table."""

import pytest
from django.utils import timezone

from groups.models import Group
from groups.records.services.memberships import check_access
from portal.core.actor import Actor
from tests.cast import NAMES, Cast

DERIVED = ("Membership", "ChildFamily", "GroupGrant", "ChildGrant", "SchoolGrant")
READS = {
    "mother": {"family": {"Groep 4", "Hele school"}},
    "father": {"family": {"Groep 4", "Hele school"}},
    "admitted_reader": {"family": {"Groep 4", "Hele school"}},
    "other_parent": {"family": {"Groep 5", "Hele school"}},
    "parent_of_two": {"family": {"Groep 4", "Groep 5", "Hele school"}},
    "council_member": {"family": {"Groep 5", "Hele school", "Medezeggenschapsraad"}},
    "teacher": {"staff": {"Groep 4", "Hele school", "Team"}},
    "substitute": {"staff": {"Groep 4", "Hele school", "Team"}},
    "teacher_who_is_parent": {"staff": {"Groep 5", "Hele school", "Team"}, "family": {"Groep 4", "Hele school"}},
    "colleague": {"staff": {"Hele school", "Team"}},
    "editor": {"staff": {"Hele school", "Team"}},
    "directie": {"staff": {"Groep 4", "Groep 5", "Hele school", "Team", "Medezeggenschapsraad", "Ouderraad"}},
    "teacher_elsewhere": {"staff": {"Groep 4", "Hele school", "Team"}},
    "directie_elsewhere": {"staff": {"Groep 4", "Groep 5", "Hele school", "Team", "Medezeggenschapsraad", "Ouderraad"}},
    "parent_elsewhere": {"family": {"Groep 4", "Hele school"}},
}
ELSEWHERE = {"teacher_elsewhere", "directie_elsewhere", "parent_elsewhere"}


@pytest.mark.parametrize("name", NAMES)
def test_who_reads_which_group(cast: Cast, name: str) -> None:
    now, user = timezone.now(), cast.user(name)
    for hat in ("family", "staff"):
        groups = Group.objects.visible_to(Actor(user, hat, now)).select_related("school")
        assert {group.name for group in groups} == READS.get(name, {}).get(hat, set())
        assert {group.school.brin for group in groups} <= {"99CB" if name in ELSEWHERE else "99CA"}


def test_the_rights_of_the_cast_are_without_drift(cast: Cast) -> None:
    assert check_access(now=timezone.now()) == dict.fromkeys(
        [
            *("messaging.Thread", *(f"groups.{name}" for name in DERIVED), "messaging.Seat", "messaging.ThreadGrant"),
            *("consent.Clearance", "moderation.CaseGrant", "moderation.AccessRequestGrant"),
            *("groups.CouncilSeat", "messaging.UrgentDeputy"),
        ],
        (0, 0),
    )
