"""One tap on the page of choices: which answers it stands for, and which words were read with it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from consent.domain.purposes import Says
from consent.models import Purpose
from consent.services.choices import PurposeChoice
from portal.core.forms import VersionField


class ChoicesForm(forms.Form):
    """Yes or no to one purpose, the same to all, or everything that is asked again as it stands ("Zo laten").

    A purpose that is not asked here is like none. Each answer goes with the number of the text that was read.
    """

    everything = forms.ChoiceField(choices=[(says.value, says.value) for says in Says], required=False)
    keep = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None, *, choices: Sequence[PurposeChoice]) -> None:
        super().__init__(data)
        self._choices = choices
        uids = [(str(choice.purpose.uid), choice.words.title) for choice in choices]
        for says in Says:
            self.fields[says.value] = forms.ChoiceField(choices=uids, required=False)
        for choice in choices:
            self.fields[_words_field(choice)] = VersionField()

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        answers = self._said(cleaned)
        if not answers and not cleaned.get("keep"):
            raise ValidationError(_("Choose yes or no."))
        cleaned["answers"] = {
            choice.purpose: (answers[choice.purpose], cleaned[_words_field(choice)])
            for choice in self._choices
            if choice.purpose in answers
        }
        return cleaned

    def _said(self, cleaned: dict[str, Any]) -> dict[Purpose, Says]:
        if everything := cleaned.get("everything"):
            return {choice.purpose: Says(everything) for choice in self._choices}
        if cleaned.get("keep"):
            return {choice.purpose: Says(choice.says) for choice in self._choices if choice.is_asked_again}
        return {
            choice.purpose: says
            for says in Says
            for choice in self._choices
            if cleaned.get(says.value) == str(choice.purpose.uid)
        }


def _words_field(choice: PurposeChoice) -> str:
    return f"words_{choice.purpose.uid}"
