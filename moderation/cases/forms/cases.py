"""What the school did, the letter it writes, and the kind word before that."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.models import LONGEST_WAY
from messaging.writings.domain.text import tidy_title
from messaging.writings.forms import WrittenField
from moderation.cases.domain.letters import STILL_OPEN
from moderation.cases.forms.fields import WordsField
from moderation.cases.models.measures import (
    BY_BOARD,
    EXTERNAL,
    LONGEST_NUMBER,
    RESTRICTING,
    SERIOUS,
    MeasureKind,
)
from portal.core.forms import DayField, KeyField


class KeyedForm(forms.Form):
    """Sent once: the key goes with the form (W1)."""

    key = KeyField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial={"key": uuid4(), **(initial or {})})


class DoneSinceForm(KeyedForm):
    """What is done in a case. `stood`: what was done in it so far, for whoever is second to know."""

    stood = forms.CharField(required=False, widget=forms.HiddenInput)


def told_field() -> WordsField:
    return WordsField(
        label=_("What the person reads about why"),
        required=False,
        help_text=_("Kind, without naming other people. Kring says what school did."),
    )


def withheld_field() -> WordsField:
    return WordsField(
        label=_("Do not tell it yet, because"),
        required=False,
        help_text=_("Only where it puts somebody in danger."),
        rows=2,
    )


LACKS = {
    "heard": _("Hear the person first. Cannot it wait? Write down why."),
    "told": _("Write what the person reads, or why that is not told yet."),
    "until": _("Choose the last day. It is today or later."),
}
"""What is asked of a measure beside its words, by the field that says so."""
PARTS = {RESTRICTING: _("Access to Kring"), BY_BOARD: _("Decided by the board"), EXTERNAL: _("Outside school")}
"""What stands above the first of these kinds where one is chosen."""


class MeasureForm(DoneSinceForm):
    """One measure of those that this handler may record."""

    kind = forms.ChoiceField(
        label=_("What did you do?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a measure."), "invalid_choice": _("Choose a measure.")},
    )
    words = WordsField(
        label=_("What was agreed or decided"),
        required=False,
        help_text=_("For the case. The person does not read this."),
    )
    letter_number = forms.CharField(
        label=_("Number of the letter of the board"),
        required=False,
        max_length=LONGEST_NUMBER,
        help_text=_("Kring keeps only the number."),
    )
    told = told_field()
    withheld_because = withheld_field()
    heard = forms.BooleanField(
        label=_("I heard the person about it first"),
        required=False,
    )
    why_unheard = WordsField(label=_("That could not wait, because"), required=False, rows=2)
    until = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("It works at once, up to and including this day."),
    )
    talk_why = WordsField(
        label=_("Why the conversation too? The person reads this."),
        required=False,
        rows=2,
    )
    other_way = WordsField(
        label=_("How does the person reach school about the child?"),
        required=False,
        limit=LONGEST_WAY,
        help_text=_("For instance: call Petra, 8.00 to 8.30."),
        rows=2,
    )
    talk_until = DayField(
        label=_("Closed up to and including"), required=False, help_text=_("At most four weeks ahead.")
    )
    consulted = forms.BooleanField(label=_("I did this together with the school management"), required=False)
    had_to = forms.BooleanField(
        label=_("There is danger, or school has to report this"),
        required=False,
    )
    why_outside = WordsField(
        label=_("Why was nothing done inside school before?"),
        required=False,
        rows=2,
    )

    def __init__(
        self, data: QueryDict | None = None, *, kinds: Iterable[MeasureKind], leads: bool, is_family: bool, stood: str
    ) -> None:
        super().__init__(data, initial={"stood": stood})
        kinds = list(kinds)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["kind"].option_heads = {  # type: ignore[attr-defined]
            next(kind.value for kind in kinds if kind in part): words
            for part, words in PARTS.items()
            if set(part) & set(kinds)
        }
        if not set(kinds) & set(RESTRICTING):
            del self.fields["until"]
        if not is_family or not set(kinds) & set(RESTRICTING):
            del self.fields["talk_why"], self.fields["other_way"], self.fields["talk_until"]
        if not set(kinds) & set(SERIOUS):
            del self.fields["heard"], self.fields["why_unheard"]
        if not set(kinds) & set(EXTERNAL):
            del self.fields["why_outside"], self.fields["had_to"]
        if not set(kinds) & set(BY_BOARD):
            del self.fields["letter_number"]
        if leads:
            del self.fields["consulted"]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") and cleaned["kind"] not in BY_BOARD and not cleaned.get("words"):
            self.add_error("words", _("Write a few words."))
        for name in self._lacking(cleaned):
            self.add_error(name, LACKS[name])
        return cleaned

    def _lacking(self, cleaned: Mapping[str, object]) -> Iterator[str]:
        """What this measure needs and is empty: said all at once."""
        kind = cleaned.get("kind")
        if kind in SERIOUS and not (cleaned.get("heard") or cleaned.get("why_unheard")):
            yield "heard"
        if kind in SERIOUS and not (cleaned.get("told") or cleaned.get("withheld_because")):
            yield "told"
        if kind in RESTRICTING and "until" not in self.errors and not cleaned.get("until"):
            yield "until"


class LetterForm(DoneSinceForm):
    """A letter, read over before it is kept."""

    title = WrittenField(tidy_title, label=_("Title"), missing=_("Give the letter a title."))
    text = WordsField(label=_("Text of the letter"), limit=10_000, rows=18)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if STILL_OPEN in text:
            raise forms.ValidationError(_("Fill in first what stands between brackets."))
        return text


class NoteForm(KeyedForm):
    """A kind word."""

    text = WordsField(label=_("Your message"), rows=10, missing=_("Write a few kind words."))
