"""When a school may go, what everybody is told of it, and what its certificate says."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.told.domain.kinds import ToldKind, ToldWords

NOTICE = timedelta(days=28)
"""Everybody has four weeks to keep what they want to keep."""
TO_CONFIRM = timedelta(days=7)
"""What the second person has beside that."""
LONGEST = timedelta(days=366)
BACKUPS = timedelta(days=35)
"""How long a backup stays: then the last copy of the school is gone as well."""
LEAVES, STAYS = "school_leaves", "school_stays"

Certificate = Mapping[str, str | int | None]
"""Numbers and days of a school that left: nobody, and nothing that was written."""

TOLD = {
    LEAVES: ToldKind(
        ToldWords(_("Our school stops with Kring"), pgettext_lazy("to staff", "Our school stops with Kring")),
        ToldWords(
            _("After this day all of our school is deleted. Your account too, unless another school knows you."),
            pgettext_lazy(
                "to staff",
                "After this day all of our school is deleted. Your account too, unless another school knows you.",
            ),
        ),
        ToldWords(
            _("Until then everything works as before. Keep what you want to keep, such as photos."),
            pgettext_lazy(
                "to staff", "Until then everything works as before. Keep what you want to keep, such as photos."
            ),
        ),
    ),
    STAYS: ToldKind(
        ToldWords(_("Our school stays in Kring")),
        ToldWords(_("Nothing is deleted. Everything stays as it was.")),
    ),
}


def first_day(today: date) -> date:
    """The first day that can be proposed for a school to leave on."""
    return today + NOTICE + TO_CONFIRM


def last_day(today: date) -> date:
    return today + LONGEST


def is_in_time(day: date, today: date) -> bool:
    """Whether everybody who is told today still has the whole notice."""
    return day >= today + NOTICE
