"""Letters: the code of one, and making them."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups.domain.codes import is_code, tidy_code
from groups.forms.fields import AddressField


class LetterCodeForm(forms.Form):
    """The code of a letter, for somebody who is in already."""

    code = forms.CharField(
        label=_("The code in the letter"),
        help_text=_("Eight letters and digits, like H7KM-4XTP."),
        error_messages={"required": _("Type the code in your letter.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if not is_code(code):
            raise ValidationError(_("A code has eight letters and digits. There is no 0, O, 1 or I in it."))
        return code


class LetterForm(LetterCodeForm):
    """The code of a letter and the address that will open Kring from now on."""

    email = AddressField(help_text=_("You get a mail with six digits."))


class LettersForm(forms.Form):
    """Making letters is asked once: a second click makes no second code."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
