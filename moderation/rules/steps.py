"""The step of the first day about the rules, with what the participation council said."""

from django.db.models import Exists, OuterRef, Subquery
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
    last = Protocol.objects.filter(school=OuterRef("pk")).order_by("-number")
    here = School.objects.filter(pk=school.pk).values_list(
        Subquery(last.values("number")[:1]),
        Subquery(last.values("council_consented_on")[:1]),
        Exists(ProtocolDraft.objects.filter(school=OuterRef("pk"))),
    )
    [(number, consented_on, is_begun)] = here
    if number is None:
        if is_begun:
            return Look(False, _("Your text waits for the council’s word"), _("Go on"), url)
        return Look(False, _("There is an example of one page"), _("Read it"), url)
    if consented_on is None:
        return Look(True, _("Without the council’s word, you said why"), _("Change"), url)
    day = date_format(consented_on, "l j F")
    return Look(True, _("The council said yes on %(day)s") % {"day": day}, _("Change"), url)


STEPS = (Step("rules", 60, gettext_lazy("Our rules"), _rules),)
