"""Is the reason for a removal well formed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.writings.forms import text_area
from portal.core.forms import VersionField


class RemovalForm(forms.Form):
    """Why something is removed; `version` is the one that was on the screen."""

    reason = forms.CharField(
        label=_("Why do you remove this?"),
        max_length=1000,
        widget=text_area(3),
        error_messages={"required": _("Write down why first.")},
    )
    version = VersionField()
