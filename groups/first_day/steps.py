"""The step of the first day that opens the school."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.first_day.services.steps import Look, Step, step_page
from groups.records.models.schools import School
from portal.core.actor import Actor
from portal.core.domain.moments import at_school


def _opening(school: School, by: Actor) -> Look:
    url = step_page("groups:open_school", school)
    if school.opened_at is None:
        return Look(False, _("With this the school opens"), _("Look"), url)
    day = date_format(at_school(school.opened_at), "l j F")
    return Look(True, _("Open since %(day)s") % {"day": day}, _("Print"), url)


STEPS = (Step("letters", 70, gettext_lazy("Letters to parents"), _opening, after=("reach", "families")),)
