"""The step of the first day that brings children, parents and staff."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.first_day.services.steps import Look, Step, step_page
from groups.records.models.people import Child
from groups.records.models.schools import School
from groups.records.querysets.periods import at_school_at
from portal.core.actor import Actor


def _families(school: School, by: Actor) -> Look:
    url = step_page("groups:roster", school)
    count = Child.objects.filter(at_school_at(by.now), school=school).count()
    if not count:
        return Look(False, _("From your administration, 5 minutes"), _("Read in"), url)
    return Look(True, ngettext("%(count)s child", "%(count)s children", count) % {"count": count}, _("Change"), url)


STEPS = (Step("families", 30, gettext_lazy("Children and parents"), _families),)
