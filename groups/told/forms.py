"""Is what somebody writes back to school well formed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.told.models import LONGEST_ANSWER
from portal.core.forms import in_one_spelling


class AnswerForm(forms.Form):
    """Some lines to who told it."""

    text = forms.CharField(
        label=_("Write back"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few words.")},
    )

    def clean_text(self) -> str:
        return "\n".join(in_one_spelling(line) for line in self.cleaned_data["text"].splitlines())
