"""Letters: the code of one, and making them."""

import uuid
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups.letters.domain.birthdays import read_birthday
from groups.letters.domain.codes import is_code, tidy_code
from groups.records.forms import AddressField


class BirthdayField(forms.CharField):
    """A date of birth, typed: a calendar takes a hundred taps to get to the year in which a child was born."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Birthday of the child in the letter"),
            help_text=_("Day, month and year, like 4-12-2018."),
            error_messages={"required": _("Type the day on which this child was born.")},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            max_length=40,
        )

    def clean(self, value: object) -> date:
        born_on = read_birthday(super().clean(value))
        if born_on is None:
            raise ValidationError(_("This is not a day. Type it like 4-12-2018."))
        return born_on


class CodeField(forms.CharField):
    """The code of a letter, in its one spelling."""

    def __init__(self) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        super().__init__(
            label=_("The code in the letter"),
            help_text=_("Eight letters and digits, like H7KM-4XTP."),
            error_messages={"required": _("Type the code in your letter.")},
            widget=forms.TextInput(attrs=attrs),
        )

    def clean(self, value: object) -> str:
        code = tidy_code(super().clean(value))
        if not is_code(code):
            raise ValidationError(_("A code has eight letters and digits. There is no 0, O, 1 or I in it."))
        return code


class LetterCodeForm(forms.Form):
    """The code of a letter and the birthday of the child it is about, for somebody who is in already."""

    code = CodeField()
    born_on = BirthdayField()


class LetterAddressForm(LetterCodeForm):
    """The same, and the address that will open Kring from now on."""

    email = AddressField(help_text=_("You get a mail with six digits."))


class LettersForm(forms.Form):
    """Making letters is asked once: a second click makes no second code."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
