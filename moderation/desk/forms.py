"""What is asked before something happens to many things at once."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.writings.forms import KeyField
from moderation.cases.forms.fields import WordsField

LONGEST_NUMBER = 18


def chosen_in(values: Iterable[str]) -> list[int]:
    """The numbers among what came in; anything else was not chosen."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER]


class ActForm(forms.Form):
    """Which things, and why; sent once."""

    key = KeyField(widget=forms.HiddenInput)
    chosen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50_000)
    reason = WordsField(
        label=_("Why?"), limit=500, rows=3, help_text=_("This is kept with what you do, and with each copy.")
    )

    @property
    def said(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "key": self.cleaned_data["key"] or uuid4()}
