"""The way in for staff: the address of somebody, and the code of a letter; and what a directie sets up of them."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.letters.forms import CodeField
from groups.records.forms import AddressField, NamingField, OptionalAddressField
from groups.records.models.people import StaffMember


class StaffAddressForm(forms.Form):
    """Where a member of staff reads mail; empty takes it away."""

    email = OptionalAddressField(label=_("E-mail address"), help_text=_("An address that only this colleague reads."))


class StaffLetterCodeForm(forms.Form):
    """The code of a letter for staff, for somebody who is in already."""

    code = CodeField()


class StaffLetterForm(StaffLetterCodeForm):
    """The same, and the address that will open Kring from now on."""

    email = AddressField(label=_("E-mail address"), help_text=_("Then a mail comes with six digits."))


class NamesForm(forms.Form):
    """Under which name parents read each of these members of staff."""

    def __init__(self, data: QueryDict | None = None, *, staff: Sequence[StaffMember]) -> None:
        super().__init__(data)
        self.staff = {f"name_{one.uid.hex}": one for one in staff}
        for name, one in self.staff.items():
            self.fields[name] = NamingField(
                label=one.full_name,
                initial=one.display_name,
                max_length=120,
                error_messages={"required": _("Type the name that parents know.")},
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def names(self) -> dict[UUID, str]:
        """What was chosen, by who it is of."""
        return {one.uid: self.cleaned_data[name] for name, one in self.staff.items()}


class DeputyForm(forms.Form):
    """Who directs the school too."""

    name = NamingField(label=_("Name"), max_length=120, error_messages={"required": _("Type who it is.")})
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("An address that only this colleague reads."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}),
    )


class SeatForm(forms.Form):
    """Whom to seat in which council."""

    council = forms.UUIDField()
    holder = forms.UUIDField()
