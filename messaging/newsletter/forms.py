"""The directie's word above a weekly mail."""

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.writings.domain.text import WORD_LIMIT, tidy_word_if_any
from messaging.writings.forms import WrittenField
from portal.core.forms import VersionedForm


class ForewordForm(VersionedForm):
    """`week` is the one that the page named."""

    week = forms.CharField(widget=forms.HiddenInput, max_length=30)
    text = WrittenField(
        tidy_word_if_any,
        label=_("Your word above it"),
        missing=_("There is nothing to read here."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": WORD_LIMIT}),
    )
    is_quiet = forms.BooleanField(
        label=_("No weekly mail this week"), help_text=_("What was placed stands in the next one."), required=False
    )
