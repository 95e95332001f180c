"""When a school has no school: its region, and its own days off."""

from datetime import date, timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import Region, School
from portal.core.forms import DayField, LineField, VersionedForm

LONGEST = timedelta(days=92)


class RegionForm(VersionedForm):
    """Where the ministry counts the school: its holidays come with it."""

    region = forms.ChoiceField(
        label=_("Region"),
        help_text=_("With the holidays of the ministry. Your own take their place."),
        choices=[("", _("No region: only our own days")), *Region.choices],
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, school: School) -> None:
        super().__init__(data, initial={name: getattr(school, name) for name in self.base_fields})


class DaysOffForm(forms.Form):
    """A holiday or a day off of the school itself."""

    name = LineField(
        label=_("What is it?"),
        help_text=_("For example: study day, or May holiday."),
        max_length=100,
        error_messages={"required": _("Type what it is.")},
    )
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False)

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        first: date | None = given.get("first_day")
        last = given["last_day"] = given.get("last_day") or first
        if first and last and last < first:
            self.add_error("last_day", _("This day comes before the first."))
        elif first and last and last - first > LONGEST:
            self.add_error("last_day", _("This is more than three months. Choose an earlier day."))
        return given


class DayOffRemovalForm(forms.Form):
    """Which days off go: those that begin on this day."""

    remove = forms.DateField(input_formats=["%Y-%m-%d"])
