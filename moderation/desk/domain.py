"""What of the audit trail the directie reads at the desk, and numbers in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NUMBERS = (
    pgettext_lazy("how many things wait", "Nothing"),
    pgettext_lazy("how many things wait", "One"),
    pgettext_lazy("how many things wait", "Two"),
    pgettext_lazy("how many things wait", "Three"),
    pgettext_lazy("how many things wait", "Four"),
    pgettext_lazy("how many things wait", "Five"),
    pgettext_lazy("how many things wait", "Six"),
    pgettext_lazy("how many things wait", "Seven"),
    pgettext_lazy("how many things wait", "Eight"),
    pgettext_lazy("how many things wait", "Nine"),
    pgettext_lazy("how many things wait", "Ten"),
)

OPEN_KINDS: dict[str, str | Promise] = {
    "group": _("a group"),
    "guardianship": _("a parent and a child"),
    "caregiver": _("a parent"),
    "child": _("a child"),
    "staff": _("a member of staff"),
    "school": _("the school"),
    "roster_upload": _("the roster"),
    "purpose": _("what consent is asked for"),
    "consent_round": _("a round of consent"),
    "protocol": _("our rules"),
    "evaluation": _("the questionnaire"),
    "event": _("the agenda"),
    "bulk_act": _("work at the desk"),
    "export": _("a list to take along"),
}
"""Kinds of things whose events every directie of the school reads, each in words; beside what stands on a page."""

SCOPED_KINDS: dict[str, str | Promise] = {
    "case": _("a case"),
    "dossier": _("the dossier"),
    "access_request": _("an access request"),
}
"""Kinds of which one reads the events of those things only that one may see themselves."""

LIMITED_KINDS: dict[str, str | Promise] = {"user": _("an account")}
"""Of these the directie reads that access was limited or given back, and nothing else."""

WITHHELD = frozenset({"protocol.acknowledged", "photo.rather_not", "photo.all_right", "letter.used"})
"""What one person did or answered, which the directie reads where it belongs or not at all."""
