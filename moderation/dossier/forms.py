"""Is the input well formed: why a hard copy is read, and how long a school keeps them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import VersionedForm


class ReadingForm(forms.Form):
    """Why somebody reads a hard copy."""

    reason = forms.CharField(
        label=_("Why do you read this?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write down why first.")},
    )


class TermsForm(VersionedForm):
    """How many years hard copies are kept, and on what ground."""

    after_case = forms.IntegerField(label=_("Years after a case is closed"), min_value=1, max_value=20)
    after_year = forms.IntegerField(label=_("Years after the school year, without a case"), min_value=1, max_value=20)
    ground = forms.CharField(
        label=_("On what ground"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write down on what ground.")},
    )
