"""What is asked before something happens to many things at once."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.cases.forms.fields import WordsField
from moderation.desk.models.desk import BulkVerb
from portal.core.forms import KeyField

LONGEST_NUMBER = 18


def chosen_in(values: Iterable[str]) -> list[int]:
    """The numbers among what came in; anything else was not chosen."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER]


class ActForm(forms.Form):
    """Which things, as they stood when they were asked about (`standing_of`), and why; sent once."""

    key = KeyField(widget=forms.HiddenInput)
    stood = forms.CharField(widget=forms.HiddenInput, required=False)
    chosen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50_000)
    reason = WordsField(label=_("Why?"), limit=500, rows=3, help_text=_("For school only."))

    told = WordsField(
        label=_("What each of them reads about why"),
        rows=3,
        help_text=_("Kind, without naming other people. Kring says what school did."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, initial: dict[str, object] | None = None, verb: BulkVerb
    ) -> None:
        super().__init__(data, initial=initial)
        if verb == BulkVerb.REMOVE:
            self.fields["reason"].help_text = _("Kept with each copy.")
        if verb == BulkVerb.SHOW:
            del self.fields["told"]

    @property
    def said(self) -> dict[str, Any]:
        facts = self.cleaned_data
        return {"reason": facts["reason"], "told": facts.get("told", ""), "key": facts["key"] or uuid4()}
