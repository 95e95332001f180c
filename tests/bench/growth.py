"""A school with ten times of everything: what is written, who is there, and how many classes somebody is in."""

from typing import Any

from django.db import models

from consent.models import Clearance, Decision, PaperForm, Reluctance
from groups.models import (
    Caregiver,
    Child,
    ChildFamily,
    ChildGrant,
    Claim,
    ContactChoice,
    CouncilSeat,
    Enrolment,
    Group,
    GroupGrant,
    Guardianship,
    Invitation,
    Membership,
    SchoolGrant,
    Shield,
    StaffAssignment,
    StaffMember,
    Telling,
    TellingAnswer,
)
from messaging.models import (
    Depiction,
    Handin,
    HandinStep,
    Image,
    ImageDeclaration,
    Participation,
    Placement,
    Seat,
    Seen,
    Thread,
    ThreadGrant,
    ThreadStep,
    Writing,
    WritingVersion,
)
from moderation.models import Acknowledgement, Case, CaseGrant, KindNote, Letter, Measure, Report
from portal.core.models import AuditEvent, DossierEntry, DossierPayload, User
from tests.bench.copying import copy

TALKS: list[type[models.Model]] = [
    *(Thread, Participation, Seat, ThreadGrant, ThreadStep, Writing, WritingVersion, Seen)
]
SAID = "(SELECT id FROM messaging_writing WHERE kind = 'message')"
IN_TALKS: dict[type[models.Model], str] = {
    Writing: "old.kind = 'message'",
    WritingVersion: f"old.writing_id IN {SAID}",
    Seen: f"old.writing_id IN {SAID}",
}
WRITTEN: list[type[models.Model]] = [
    *(DossierEntry, DossierPayload, AuditEvent),
    *TALKS,
    *(Handin, HandinStep),
    *(Image, Placement, ImageDeclaration, Depiction),
    *(Case, CaseGrant, Report, Measure, Letter, KindNote),
    *(Telling, TellingAnswer),
]
"""By the same people in the same places."""
PEOPLE: list[type[models.Model]] = [
    *(User, Child, Caregiver, StaffMember, Guardianship, Enrolment, StaffAssignment, CouncilSeat),
    *(Invitation, Claim, ContactChoice, Shield, Membership, ChildFamily, GroupGrant, ChildGrant, SchoolGrant),
    *(PaperForm, Decision, Clearance, Reluctance, Acknowledgement),
]
"""More of them in the same groups."""
PLACES: list[type[models.Model]] = [Group, Enrolment, StaffAssignment, Membership, GroupGrant]
"""More classes for everybody who is in one."""
CLASSES = "SELECT id FROM groups_group WHERE kind = 'class'"
IN_A_CLASS: dict[type[models.Model], str] = {
    Group: "old.kind = 'class'",
    GroupGrant: f"old.content_object_id IN ({CLASSES})",
    **{model: f"old.group_id IN ({CLASSES})" for model in (Enrolment, StaffAssignment, Membership)},
}
ABOUT_SOMETHING = "COALESCE(old.writing_id, old.photo_id) IS NOT NULL"
OWN_FAMILY: dict[Any, str] = {ChildFamily._meta.get_field("number"): "old.number - k"}
"""The copies of a family are families of their own."""
SAME_SIDE: dict[Any, str] = {Case._meta.get_field("side"): "old.side"}


def add_written(copies: int) -> None:
    """Messages, photos, replies, conversations, cases and hard copies; of cases about a person there is one already."""
    copy(WRITTEN, copies, only={Case: ABOUT_SOMETHING}, say=SAME_SIDE)


def add_people(copies: int) -> None:
    copy(PEOPLE, copies, first=1001, say=OWN_FAMILY)


def add_classes(copies: int) -> None:
    copy(PLACES, copies, first=2001, only=IN_A_CLASS)
