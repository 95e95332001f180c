"""What this room registers with the floor: its rights and words of the trail."""

from django.utils.translation import gettext_lazy as _

from groups.records.models.memberships import ChildFamily, ChildGrant, GroupGrant, Membership, SchoolGrant
from groups.records.services import truth
from groups.records.services.drift import CHECK
from portal.core import access, audit, doctor
from portal.core.words import Words

DONE: dict[str, Words] = {
    "access.repaired": _("put rights right again"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    access.register(access.Projection(Membership, truth.MembershipReason._fields, truth.derive, "group__school"))
    access.register(
        access.Projection(
            ChildFamily,
            truth.OfFamily._fields,
            truth.families,
            "child__school",
            of=truth.of_children,
            spares=lambda people: not people.children,
        )
    )
    access.register(access.Projection(GroupGrant, access.GRANT, truth.group_rights, few=True))
    access.register(
        access.Projection(ChildGrant, access.GRANT, truth.child_rights, of=access.of_users_and_children, few=True)
    )
    access.register(access.Projection(SchoolGrant, access.GRANT, truth.school_rights, "content_object", few=True))
    audit.register(DONE)
    doctor.register(CHECK)
