"""In which capacity somebody acts: the hat, and the role behind it."""

from enum import StrEnum, nonmember


class Hat(StrEnum):
    """In which capacity somebody acts; a member of staff who is also a parent never mixes the two (POL-15).

    `ANY` is no hat: a question to which both answer.
    """

    FAMILY = "family"
    STAFF = "staff"
    ANY = nonmember("")


class Role(StrEnum):
    PARENT = "parent"
    CARER = "carer"
    READER = "reader"
    COUNCIL_MEMBER = "council_member"
    MEMBER = "member"
    TEACHER = "teacher"
    GROUP_ADMIN = "group_admin"
    EDITOR = "editor"
    COLLEAGUE = "colleague"
    DIRECTIE = "directie"
    ICT = "ict"
    CASE_OFFICER = "case_officer"
    PUPIL = "pupil"


OPERATORS = frozenset({Role.ICT, Role.CASE_OFFICER})
"""Tasks at a school that open no group: the machine's administrator, and the foundation's case officer."""
