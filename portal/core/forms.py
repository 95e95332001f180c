"""What the forms of every app share: a line, a day, the version a form was filled from, sentences of Django's forms."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.core.domain.lines import NotAPhoneNumberError, UnreadableLineError, tidy_line, tidy_phone
from portal.core.versions import Versioned

YEARS = range(1900, 3000)
"""Days that somebody of a school can mean; far beyond them no clock can tell the moment a day ends."""


def in_one_spelling(line: str) -> str:
    """The line, tidied; what no screen shows is refused with a sentence."""
    try:
        return tidy_line(line)
    except UnreadableLineError:
        raise ValidationError(_("There is a character in it that we cannot show. Type it again.")) from None


class KeyField(forms.UUIDField):
    """The submission key: anything that is not one we gave out counts as none."""

    def clean(self, value: object) -> UUID | None:
        try:
            return super().clean(value)
        except ValidationError:
            return None


class LineField(forms.CharField):
    """One line of text in its one spelling; what no screen shows is refused with a sentence."""

    def to_python(self, value: object) -> str:
        return in_one_spelling(super().to_python(value) or "")


class PhoneField(LineField):
    """A number that a telephone can dial."""

    def to_python(self, value: object) -> str:
        line = super().to_python(value)
        try:
            return tidy_phone(line) if line else ""
        except NotAPhoneNumberError:
            raise ValidationError(_("Type a number with digits, like 0597-01 23 45.")) from None


class DayField(forms.DateField):
    """A day, from the browser's calendar or typed as 4-12-2026."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        wrong = {"required": _("Choose a day."), "invalid": _("Choose a day, like 4-12-2026.")}
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d-%m-%Y"], error_messages=wrong, **kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class VersionField(forms.IntegerField):
    """Which version of a row this form was filled from. Anything that is not one we gave out counts as 0: as none."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def clean(self, value: object) -> int:
        try:
            return super().clean(value) or 0
        except ValidationError:
            return 0


class VersionedForm(forms.Form):
    """A form over a row that two people can edit. `meanwhile`: what stands there by now, where this form differs."""

    version = VersionField()
    meanwhile: Sequence[tuple[str, str]] = ()

    def meet(self, current: Versioned) -> None:
        """Carry on over what somebody else saved: show it, keep what was typed here, go through when sent again."""
        self.meanwhile = [
            (str(field.label), _in_words(field.field, getattr(current, field.name)))
            for field in self.visible_fields()
            if getattr(current, field.name) != self.cleaned_data[field.name]
        ]
        self.data = dict(self.data.items()) | {self.add_prefix("version"): str(current.version)}


def _in_words(field: forms.Field, value: object) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(dict(getattr(field, "choices", ())).get(value, value)) or gettext("not filled in")


# Parents and staff meet these: named here, so that our catalogue says them in B1.
SENTENCES_OF_DJANGO = (
    _("This field is required."),
    _("Enter a valid email address."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("Null characters are not allowed."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
)
