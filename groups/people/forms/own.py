"""What everybody sets about oneself: language, how news arrives, working hours."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from groups.records.models.contact_choices import NewsKind, Way
from groups.records.models.people import StaffMember

WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
# Each language by its own name: who cannot read this page must still find theirs.
LANGUAGE_NAMES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class SettingsForm(forms.Form):
    """In which language Kring speaks. The name is the school's to change: it is what the roster says."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_NAMES)


class ContactForm(forms.Form):
    """In which way one kind of thing reaches a parent: a button is a choice."""

    kind = forms.ChoiceField(choices=NewsKind.choices)
    way = forms.ChoiceField(choices=Way.choices)


class PhoneChoiceForm(forms.Form):
    """Whether own phones show one kind of thing at once: a button is a choice."""

    kind = forms.ChoiceField(choices=NewsKind.choices)
    phone = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")


class KnownPhoneForm(forms.Form):
    """Where a browser is told by itself, as it knows it; filled in by the page, never typed."""

    endpoint = forms.CharField(max_length=1000)


class PhoneForm(KnownPhoneForm):
    """What a browser gives to be told by itself from now on."""

    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)


class RenewedPhoneForm(PhoneForm):
    """The same from a browser that changed its address; not every one still knows what it was `before`."""

    before = forms.CharField(max_length=1000, required=False)


class HoursForm(forms.Form):
    """The regular working days and hours of a member of staff (POL-27)."""

    works_on = forms.MultipleChoiceField(
        label=_("On these days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day."), "invalid_choice": _("Choose a day of the week.")},
    )
    works_from = forms.TimeField(
        label=_("From"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Type a time, like 8:00."), "invalid": _("Type a time, like 8:00.")},
    )
    works_until = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Type a time, like 17:00."), "invalid": _("Type a time, like 17:00.")},
    )

    def __init__(self, data: QueryDict | None = None, *, staff: StaffMember, auto_id: str = "id_%s") -> None:
        self.staff = staff
        now = {"works_on": list(staff.works_on), "works_from": staff.works_from, "works_until": staff.works_until}
        super().__init__(data, auto_id=auto_id, initial=now)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("works_from"), cleaned.get("works_until")
        if start and end and start >= end:
            self.add_error("works_until", _("The end of the day comes after its beginning."))
        return cleaned
