"""The step of the first day that asks for consent: the first round."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.asking.models import ConsentRound, Purpose
from groups.first_day.services.steps import Look, Step, step_page
from groups.models import School
from portal.core.actor import Actor
from portal.core.domain.moments import at_school


def _consent(school: School, by: Actor) -> Look:
    """Asked since a day; before that the purposes, and then the round (POL-40, 41)."""
    first = ConsentRound.objects.filter(school=school).order_by("opens_at").first()
    if first:
        day = date_format(at_school(first.opens_at), "l j F")
        return Look(True, _("Asked since %(day)s") % {"day": day}, _("Look"), step_page("consent:school", school))
    route = "rounds" if Purpose.objects.asked().filter(school=school).exists() else "school"
    return Look(False, _("Until then it is a no"), _("Begin"), step_page(f"consent:{route}", school))


STEPS = (Step("consent", 80, gettext_lazy("Ask for consent"), _consent, after=("letters",)),)
