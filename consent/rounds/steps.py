"""The step of the first day that asks for consent: the first round."""

from django.db.models import Exists, Min, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.asking.models import Purpose
from groups.first_day.services.steps import Look, Step, step_page
from groups.models import School
from portal.core.actor import Actor
from portal.core.domain.moments import at_school


def _consent(school: School, by: Actor) -> Look:
    """Asked since a day; before that the purposes, and then the round (POL-40, 41)."""
    purposes, begun = Purpose.objects.asked().filter(school=OuterRef("pk")), Min("consent_rounds__opens_at")
    [(has_purposes, since)] = School.objects.filter(pk=school.pk).values_list(Exists(purposes), begun)
    if since:
        day = date_format(at_school(since), "l j F")
        return Look(True, _("Asked since %(day)s") % {"day": day}, _("Look"), step_page("consent:school", school))
    route = "rounds" if has_purposes else "school"
    return Look(False, _("Until then it is a no"), _("Begin"), step_page(f"consent:{route}", school))


STEPS = (Step("consent", 80, gettext_lazy("Ask for consent"), _consent, after=("letters",)),)
