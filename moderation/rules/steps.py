"""The step of the first day about the rules, with what the participation council said."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.first_day.services.steps import Look, Step, step_page
from groups.models import School
from moderation.rules.models.protocols import Protocol, ProtocolDraft
from portal.core.actor import Actor


def _rules(school: School, by: Actor) -> Look:
    """A version that holds or will, with the council's word or why there is none (POL-67)."""
    url = step_page("moderation:protocols", school)
    last = Protocol.objects.filter(school=school).order_by("number").last()
    if last is None:
        if ProtocolDraft.objects.filter(school=school).exists():
            return Look(False, _("Your text waits for the council’s word"), _("Go on"), url)
        return Look(False, _("There is an example of one page"), _("Read it"), url)
    if last.council_consented_on is None:
        return Look(True, _("Without the council’s word, you said why"), _("Change"), url)
    day = date_format(last.council_consented_on, "l j F")
    return Look(True, _("The council said yes on %(day)s") % {"day": day}, _("Change"), url)


STEPS = (Step("rules", 60, gettext_lazy("Our rules"), _rules),)
