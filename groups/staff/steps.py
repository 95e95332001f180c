"""The steps of the first day about people with a task: who works here, who takes over, who is in the council."""

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.first_day.services.steps import Look, Step, step_page
from groups.records.models.schools import GroupKind, School
from groups.staff.services.councils import held_seats
from groups.staff.services.names import named_at
from groups.staff.services.tasks import directing_at
from portal.core.actor import Actor


def _staff(school: School, by: Actor) -> Look:
    """The names that parents read, and somebody who takes the directie's place."""
    here = named_at(school, now=by.now)
    if not here or not all(one.display_name_chosen for one in here):
        return Look(False, _("Which name do parents read?"), _("Look"), step_page("groups:names", school))
    if not any(one.user_id != by.user.pk for one in directing_at(school, now=by.now)):
        return Look(False, _("Nobody takes your place yet"), _("Choose"), step_page("groups:deputy", school))
    words = ngettext("%(count)s colleague", "%(count)s colleagues", len(here)) % {"count": len(here)}
    return Look(True, words, _("Invite"), step_page("groups:staff", school))


def _council(school: School, by: Actor) -> Look:
    """Both halves of the participation council: parents and staff (POL-07)."""
    seats = held_seats(now=by.now).filter(group__school=school, group__kind=GroupKind.COUNCIL)
    counts = seats.aggregate(parents=Count("caregiver"), staff=Count("staff"))
    words = _("Parents: %(parents)s, staff: %(staff)s") % counts
    is_done = all(counts.values())
    return Look(is_done, words, _("Change") if is_done else _("Choose"), step_page("groups:council", school))


STEPS = (
    Step("staff", 40, gettext_lazy("Who works here"), _staff, after=("families",), may_be_left=True),
    Step("council", 50, gettext_lazy("The participation council"), _council, after=("families",), may_be_left=True),
)
