"""Choosing a kind word, and the words a school offers."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from moderation.kind_words.domain import LONGEST_PHRASE, MOST_PHRASES, tidy_phrases
from portal.core.forms import in_one_spelling


class KindWordForm(forms.Form):
    """One of the school's phrases."""

    phrase = forms.ChoiceField(
        label=_("What do you say?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a sentence."), "invalid_choice": _("Choose a sentence.")},
    )

    def __init__(self, data: object = None, *, phrases: Sequence[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["phrase"].choices = [(one, one) for one in phrases]  # type: ignore[attr-defined]


class KindWordRulesForm(forms.Form):
    """Whether parents may say a kind word, and in which words."""

    is_on = forms.BooleanField(
        label=_("Parents may send each other a kind word about a reply"),
        help_text=_("By name, once for each reply, and only in these sentences."),
        required=False,
    )
    phrases = forms.CharField(
        label=_("The sentences, one on a line"),
        help_text=_("At most six. Parents choose one; they type nothing themselves."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Type at least one sentence.")},
    )

    def clean_phrases(self) -> list[str]:
        phrases = [in_one_spelling(line) for line in tidy_phrases(self.cleaned_data["phrases"])]
        if len(phrases) > MOST_PHRASES:
            raise ValidationError(_("These are more than six. Take some away."))
        if any(len(line) > LONGEST_PHRASE for line in phrases):
            raise ValidationError(_("One sentence is too long. Keep it under 200 characters."))
        return phrases
