"""Is an event well formed: what, for whom, when, and does it come back?"""

from collections.abc import Iterable, Mapping
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from agenda.events.domain.days import MONTHS, MOST_WEEKS, ONCE, WEEKS, Days, DaysRefusedError, NotThen, tidy_days
from agenda.events.models import LONGEST_LINE, Event
from agenda.events.services.events import Written
from groups.models import Group
from portal.core.forms import DayField, KeyField, LineField, VersionField
from portal.core.words import Words

REFUSALS: Mapping[NotThen, Words] = {
    NotThen.BEFORE_FIRST: _("This day comes before the first."),
    NotThen.TOO_LONG: _("This is more than a month. Choose an earlier day."),
    NotThen.NO_BEGINNING: _("It ends at a time. When does it begin?"),
    NotThen.ENDS_BEFORE: _("This is before it begins."),
    NotThen.NO_UNTIL: _("Until which day does it come back?"),
    NotThen.UNTIL_BEFORE: _("Choose a day after the first one."),
    NotThen.REPEATED_PERIOD: _("What comes back lasts one day. Leave this empty, or choose once."),
    NotThen.PAST: _("That day is over. Choose a day that is still to come."),
    NotThen.NONE_LEFT: _("No time of it is left then. Go back and cancel it."),
    NotThen.ALL_OFF: _("All these days are off."),
    NotThen.NEXT_YEAR: _("This is after the school year. The new groups get an agenda of their own."),
}
AGAIN: list[tuple[str, Words]] = [
    (ONCE, _("No, once")),
    (f"{WEEKS}-1", _("Every week")),
    (f"{WEEKS}-2", _("Every two weeks")),
    (f"{WEEKS}-3", _("Every three weeks")),
    (f"{WEEKS}-4", _("Every four weeks")),
    (f"{WEEKS}-{MOST_WEEKS}", _("Every six weeks")),
    (f"{MONTHS}-1", _("Every month, on the same weekday")),
]


class ClockField(forms.TimeField):
    """A time on the school's clock, typed as 9:00 or 9.00."""

    def __init__(self, *, label: Words, help_text: Words = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
            error_messages={"invalid": _("Type a time, like 9:00.")},
        )


class EventForm(forms.Form):
    """Something in the agenda; `groups` are those to choose from, none where they are known already."""

    groep = forms.MultipleChoiceField(
        label=_("Who is it for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a group."), "invalid_choice": _("Choose a group.")},
    )
    title = LineField(
        label=_("What is it?"), max_length=LONGEST_LINE, error_messages={"required": _("Type what it is.")}
    )
    place = LineField(label=_("Where?"), max_length=LONGEST_LINE, required=False)
    first_day = DayField(label=_("Which day?"))
    last_day = DayField(label=_("Until and including"), help_text=_("Only if it lasts several days."), required=False)
    begins_at = ClockField(label=_("From what time?"), help_text=_("Leave it empty for a whole day."))
    ends_at = ClockField(label=_("Until what time?"))
    again = forms.ChoiceField(label=_("Does it come back?"), choices=AGAIN, required=False)
    until = DayField(label=_("Until which day?"), required=False)
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
    version = VersionField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        groups: Iterable[Group] = (),
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._choices = {str(group.uid): group for group in groups}
        if self._choices:
            of_many = len({group.school_id for group in self._choices.values()}) > 1
            named = [
                (uid, f"{group.name} · {group.school.name}" if of_many else group.name)
                for uid, group in self._choices.items()
            ]
            self.fields["groep"].choices = named  # type: ignore[attr-defined]
        else:
            del self.fields["groep"]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        repeats, _dash, every = str(given.get("again") or ONCE).partition("-")
        if given.get("first_day") and not self.errors:
            try:
                given["days"] = tidy_days(
                    first_day=given["first_day"],
                    last_day=given.get("last_day"),
                    begins_at=given.get("begins_at"),
                    ends_at=given.get("ends_at"),
                    repeats=repeats,
                    every=int(every or 1),
                    until=given.get("until"),
                )
            except DaysRefusedError as refused:
                self.refuse(refused)
        return given

    def refuse(self, refused: DaysRefusedError) -> None:
        """Why it cannot be then, beside the field that is about it."""
        self.add_error(refused.field, str(REFUSALS[refused.why]))

    @property
    def chosen_groups(self) -> list[Group]:
        """The groups of a valid form, in the order of the choices."""
        return [group for uid, group in self._choices.items() if uid in self.cleaned_data["groep"]]

    @property
    def written(self) -> Written:
        """What a valid form says."""
        days: Days = self.cleaned_data["days"]
        return Written(self.cleaned_data["title"], days, self.cleaned_data["place"])


def said_by(event: Event) -> dict[str, object]:
    """The starting point of the form that changes `event`."""
    days = event.days
    return {
        "title": event.title,
        "place": event.place,
        "first_day": days.first_day,
        "last_day": days.last_day if days.last_day != days.first_day else None,
        "begins_at": days.begins_at,
        "ends_at": days.ends_at,
        "again": f"{days.repeats}-{days.every}" if days.is_series else ONCE,
        "until": days.until if days.is_series else None,
        "version": event.version,
    }


class CancelForm(forms.Form):
    """It does not go on, as somebody saw it."""

    version = VersionField()


class SkipForm(CancelForm):
    """Which time of a series does not go on."""

    day = forms.DateField(input_formats=["%Y-%m-%d"])
