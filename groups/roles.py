"""What a role permits, written down once. Each permission has a sentence that a head teacher can approve.

A change here changes who sees what; it comes with a decision record in docs/adr. Source: the table in the domain
card (POL-05, 06, 07, 08) – roles are bundles of permissions *on a group*, and some on the school as a whole.
"""

from groups.capacities import OPERATORS as OPERATORS
from groups.capacities import Hat as Hat
from groups.capacities import Role as Role

VIEW = "groups.view_group"
REPLY = "groups.reply_in_group"
SUBMIT = "groups.submit_post"
PUBLISH = "groups.publish_post"
MODERATE = "groups.moderate_group"
MANAGE = "groups.manage_group"
VIEW_CHILD = "groups.view_child"
KNOW_CHILD = "groups.know_child"
"""Who hears a shielded child named: its team, its carers, itself. About others nobody needs it."""
DIRECT = "groups.direct_school"
ADMINISTER = "groups.administer_school"
OVERSEE = "groups.oversee_school"
WATCH = "groups.watch_school"
CONFIGURE = "groups.configure_school"

PERMISSIONS = {
    VIEW: "Sees the messages, pictures and agenda of the group.",
    REPLY: "Writes a reply under a message of the group.",
    SUBMIT: "Hands in a message that the school management approves and places.",
    PUBLISH: "Places a message in the group.",
    MODERATE: "Hides messages and replies of the group, and sees reports about them.",
    MANAGE: "Sees who is in the group, and which families are in.",
}


ROLES: dict[Role, frozenset[str]] = {
    Role.PARENT: frozenset({VIEW, REPLY}),
    Role.CARER: frozenset({VIEW, REPLY}),
    Role.READER: frozenset({VIEW}),
    Role.COUNCIL_MEMBER: frozenset({VIEW, REPLY, SUBMIT}),
    Role.MEMBER: frozenset({VIEW, REPLY, PUBLISH}),
    Role.TEACHER: frozenset({VIEW, REPLY, PUBLISH, MANAGE}),
    Role.GROUP_ADMIN: frozenset({VIEW, REPLY, PUBLISH, MODERATE, MANAGE}),
    Role.EDITOR: frozenset({VIEW, REPLY, PUBLISH}),
    Role.COLLEAGUE: frozenset({VIEW, REPLY, SUBMIT}),
    Role.DIRECTIE: frozenset({VIEW, REPLY, PUBLISH, MODERATE, MANAGE}),
    Role.ICT: frozenset(),
    Role.CASE_OFFICER: frozenset(),
    Role.PUPIL: frozenset({VIEW}),
}

SCHOOL_PERMISSIONS = {
    DIRECT: "Directs the school: decides who comes in, moderates, signs.",
    ADMINISTER: "Looks after the machine, and reads no content.",
    OVERSEE: "Handles for the foundation what the school management is a party in.",
    WATCH: "Opens the dossier of the school.",
    CONFIGURE: "Keeps the details of the school.",
}

SCHOOL_ROLES: dict[Role, frozenset[str]] = {
    Role.DIRECTIE: frozenset({DIRECT, WATCH, CONFIGURE}),
    Role.ICT: frozenset({ADMINISTER, CONFIGURE}),
    Role.CASE_OFFICER: frozenset({OVERSEE, WATCH}),
}
"""What a task for the school as a whole permits there, beside what it permits in the groups."""

NEEDS_SECOND_FACTOR = frozenset({Role.DIRECTIE, *OPERATORS})
"""Roles that may not work with one factor only (security.md 11)."""


def roles_with(permission: str) -> list[str]:
    """The roles that carry `permission`, for a query's `role__in`."""
    return sorted(role.value for role, permissions in ROLES.items() if permission in permissions)


FUNCTIONS = {Role.DIRECTIE: "directie", Role.ICT: "ict-beheerder", Role.CASE_OFFICER: "zaakbehandelaar"}
"""The functions that an invitation gives, as they stand under a message: words of the school, so Dutch."""
