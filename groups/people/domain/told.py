"""What an adult reads about what school decided of the access to a child: in Kring, and on paper."""

from django.utils.translation import gettext_lazy as _

from groups.told.domain.kinds import ToldKind, ToldWords

TOLD = {
    "let_in": ToldKind(
        ToldWords(_("School let you in as a parent")),
        ToldWords(_("You read and reply in the groups of the child. You make the choices about photos.")),
    ),
    "carer": ToldKind(
        ToldWords(_("School let you in as a daily carer")),
        ToldWords(_("You read and reply in the groups of the child, and you talk with the teacher.")),
        ToldWords(_("Choices about photos and data are made by who has legal authority.")),
    ),
    "reader": ToldKind(
        ToldWords(_("School lets you read along")),
        ToldWords(_("You read what happens in the groups of the child. You do not reply, and you decide nothing.")),
    ),
    "refused": ToldKind(
        ToldWords(_("School did not let you in")),
        ToldWords(_("You do not read in Kring what happens in the groups of the child.")),
        ToldWords(_("Ask the management how the child is doing. They answer, or say why not.")),
    ),
    "access_ended": ToldKind(
        ToldWords(_("Your access has ended")),
        ToldWords(_("You no longer belong to this child in Kring. You read nothing about it here any more.")),
        ToldWords(_("Call the management if this is not right. They look at it again.")),
    ),
}
"""By what `guardianships.TOLD_AS` says of a decision."""
