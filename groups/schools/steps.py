"""What parents and staff have to know of a school before it opens: whom to turn to, and when there is no school."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.first_day.services.steps import Look, Step, step_page
from groups.records.models.schools import Holiday, Region, School
from portal.core.actor import Actor

ASKED = {
    "phone": gettext_lazy("telephone"),
    "helpdesk_email": gettext_lazy("helpdesk"),
    "complaints_committee": gettext_lazy("complaints"),
    "privacy_officer": gettext_lazy("privacy officer"),
}


def _reach(school: School, by: Actor) -> Look:
    """The telephone, the helpdesk, and to whom people go who do not agree (POL-68)."""
    missing = [str(words) for field, words in ASKED.items() if not getattr(school, field)]
    if missing:
        return Look(
            False, _("Still: %(what)s") % {"what": ", ".join(missing)}, _("Fill in"), step_page("groups:school", school)
        )
    return Look(True, school.phone, _("Change"), step_page("groups:school", school))


def _region(school: School, by: Actor) -> Look:
    """The holidays of a region, or days off of one's own."""
    if school.region:
        return Look(True, str(Region(school.region).label), _("Change"), step_page("groups:days_off", school))
    if Holiday.objects.filter(school=school).exists():
        return Look(True, _("Days of your own"), _("Change"), step_page("groups:days_off", school))
    return Look(False, _("North, middle or south"), _("Choose"), step_page("groups:days_off", school))


STEPS = (
    Step("reach", 10, gettext_lazy("Whom parents turn to"), _reach),
    Step("region", 20, gettext_lazy("Holidays"), _region, may_be_left=True),
)
