"""What somebody chooses about the own calendar."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import KeyField


class AddressForm(forms.Form):
    """Whether the first names of the own children stand in it."""

    names_children = forms.BooleanField(
        label=_("Put the first name of my child with it"),
        help_text=_("Handy with several children. The company of your calendar then knows the name too."),
        required=False,
    )
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
