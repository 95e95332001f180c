"""The school as it is: who is in which group, who has authority over whom, and what follows from it.

Truth: Guardianship, Enrolment, StaffAssignment, CouncilSeat. Derived, never edited by hand: Membership, ChildFamily
and the grant rows. Every moment is UTC and every period half-open: [valid_from, valid_until).
"""

from groups.first_day.models import LeftStep
from groups.letters.models.claims import Claim, ClaimEnd, ClaimHow
from groups.letters.models.invitations import Invitation, InvitationState
from groups.records.models.contact_choices import (
    NEWS,
    UNCHOSEN,
    UNCHOSEN_ON_PHONE,
    ContactChoice,
    NewsKind,
    Way,
)
from groups.records.models.memberships import HATS, ChildFamily, ChildGrant, GroupGrant, Membership, SchoolGrant
from groups.records.models.people import Caregiver, Child, Person, StaffMember
from groups.records.models.restrictions import LONGEST_WAY, Restriction, RestrictionKind
from groups.records.models.schools import Foundation, Group, GroupKind, Holiday, Region, School, SchoolYear, Weekday
from groups.records.models.shields import Shield
from groups.records.models.truth import (
    ROLE_CHOICES,
    CouncilSeat,
    Enrolment,
    Guardianship,
    Level,
    Period,
    StaffAssignment,
)
from groups.roster.models import RosterUpload, UploadState
from groups.told.models import Telling, TellingAnswer

__all__ = [
    "HATS",
    "LONGEST_WAY",
    "NEWS",
    "ROLE_CHOICES",
    "UNCHOSEN",
    "UNCHOSEN_ON_PHONE",
    "Caregiver",
    "Child",
    "ChildFamily",
    "ChildGrant",
    "Claim",
    "ClaimEnd",
    "ClaimHow",
    "ContactChoice",
    "CouncilSeat",
    "Enrolment",
    "Foundation",
    "Group",
    "GroupGrant",
    "GroupKind",
    "Guardianship",
    "Holiday",
    "Invitation",
    "InvitationState",
    "LeftStep",
    "Level",
    "Membership",
    "NewsKind",
    "Period",
    "Person",
    "Region",
    "Restriction",
    "RestrictionKind",
    "RosterUpload",
    "School",
    "SchoolGrant",
    "SchoolYear",
    "Shield",
    "StaffAssignment",
    "StaffMember",
    "Telling",
    "TellingAnswer",
    "UploadState",
    "Way",
    "Weekday",
]
