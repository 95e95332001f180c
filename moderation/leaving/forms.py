"""Is the input well formed: on which day a school leaves, and what everybody reads of why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import DayField


class DepartureForm(forms.Form):
    """The day, and a word to parents and colleagues."""

    leaves_on = DayField(
        label=_("From which day is it all gone?"),
        help_text=_("At least five weeks ahead, at most a year."),
    )
    words = forms.CharField(
        label=_("What do parents and colleagues read?"),
        help_text=_("Why you stop, and where they find school after that."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write why you stop, and where people find school after that.")},
    )
