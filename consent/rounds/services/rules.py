"""How a school wants its consent to work."""

from django.db import transaction

from consent.asking.models import ConsentRules
from groups.models import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.versions import set_changed

FIELDS = ("yes_lapses", "hide_unseen", "may_download", "name_at_edge")


class UnknownRuleError(TypeError):
    """A school has no such choice."""


def rules_of(school: School) -> ConsentRules:
    """The school's choices; the defaults where it made none."""
    return ConsentRules.objects.filter(school=school).first() or ConsentRules(school=school)


def rules_read_with(school: School) -> ConsentRules:
    """The same of a school that was read together with them (`select_related`): asks nothing."""
    return getattr(school, "consent_rules", None) or ConsentRules(school=school)


def change_rules(*, school: School, version: int, by: Actor, **choices: bool) -> ConsentRules:
    """Set what the school chose; works at once, but a round that is open keeps what it was opened with. Idempotent.

    For the directie. Raises `PermissionDenied`, `UnknownRuleError`, `EditedMeanwhileError`.
    """
    if unknown := choices.keys() - set(FIELDS):
        raise UnknownRuleError(*sorted(unknown))
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        rules = rules_of(school)
        if changed := set_changed(rules, choices, version):
            audit.note("consent.changed", school, subject_kind="school", by=by, fields=sorted(changed))
    return rules
