"""The way in for staff: the address of somebody, and the code of a letter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.letters.forms import CodeField
from groups.records.forms import AddressField, OptionalAddressField


class StaffAddressForm(forms.Form):
    """Where a member of staff reads mail; empty takes it away."""

    email = OptionalAddressField(label=_("E-mail address"), help_text=_("An address that only this colleague reads."))


class StaffLetterCodeForm(forms.Form):
    """The code of a letter for staff, for somebody who is in already."""

    code = CodeField()


class StaffLetterForm(StaffLetterCodeForm):
    """The same, and the address that will open Kring from now on."""

    email = AddressField(label=_("E-mail address"), help_text=_("Then a mail comes with six digits."))
