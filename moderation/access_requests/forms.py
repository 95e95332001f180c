"""Is the input well formed: a request for access, what stays of each line, and how it ended."""

from collections.abc import Iterable, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.access_requests.domain import lines_of, marks_of
from moderation.access_requests.models import AccessPassage, Asker, Ground, Handing, Means
from moderation.cases.forms.fields import WordsField
from portal.core.forms import DayField
from portal.core.words import Words

SHORTEST = 2
OUT = {
    "": _("Stays"),
    Ground.OTHERS: _("Out: about somebody else"),
    Ground.INQUIRY: _("Out: school is still looking into it"),
    Ground.ADVICE: _("Out: advice of a lawyer"),
    Ground.OTHER: _("Out: another reason"),
}


class StartForm(forms.Form):
    """Who asked, when, and how; parents are offered where the person is a pupil."""

    asker = forms.ChoiceField(
        label=_("Who asked?"), widget=forms.RadioSelect, error_messages={"required": _("Choose who asked.")}
    )
    means = forms.ChoiceField(
        label=_("How?"),
        choices=[choice for choice in Means.choices if choice[0] != Means.KRING],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it was asked.")},
    )
    received_on = DayField(label=_("On which day did it come in?"))

    def __init__(self, data: QueryDict | None = None, *, is_pupil: bool) -> None:
        super().__init__(data)
        offered = [one for one in Asker if is_pupil or one != Asker.PARENT]
        self.fields["asker"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]


class MarkForm(forms.Form):
    """Of each line whether it stays, and which words are made black: names that were found, and words typed.

    `stood`: what was said of them when the page was opened.
    """

    stood = forms.CharField(required=False, widget=forms.HiddenInput)
    names = forms.MultipleChoiceField(
        label=_("Make these names black"), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=_("Make these words black too"),
        required=False,
        max_length=5_000,
        help_text=_("One on each line: a nickname, a phone number, a street."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    other_words = forms.CharField(
        label=_("Another reason"),
        required=False,
        max_length=200,
        help_text=_("With “another reason”. It stands in the copy."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        passages: Sequence[AccessPassage],
        names: Iterable[str],
        black: Iterable[str],
        other: str,
    ) -> None:
        name_list = list(names)
        typed = [word for word in black if word not in name_list]
        ticked = [word for word in black if word in name_list]
        self._keys = [one.pk for one in passages]
        self.stands = marks_of({one.pk: one.ground for one in passages}, [*typed, *ticked], other)
        start = {"names": ticked, "words": "\n".join(typed), "other_words": other, "stood": self.stands}
        super().__init__(data, initial=start)
        self.fields["names"].choices = [(name, name) for name in name_list]  # type: ignore[attr-defined]
        for one in passages:
            self.fields[f"p{one.pk}"] = forms.ChoiceField(
                label=_("This line"), choices=list(OUT.items()), required=False, initial=one.ground
            )

    def clean_words(self) -> list[str]:
        words = lines_of(self.cleaned_data["words"])
        if any(len(word) < SHORTEST for word in words):
            raise ValidationError(_("A word has two letters or more."))
        return words

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if Ground.OTHER in self.grounds.values() and not cleaned.get("other_words"):
            self.add_error("other_words", _("Write down the other reason."))
        return cleaned

    @property
    def is_of_before(self) -> bool:
        """Whether the lines were gathered or marked since the page was opened; a double click says what stands there.

        Of such a page nothing is taken over, and nothing shown: a line it did not know would seem to stay.
        """
        if any(f"p{key}" not in self.data for key in self._keys):
            return True
        if self.data.get("stood", self.stands) == self.stands:
            return False
        return not self.is_valid() or self._marks != self.stands

    @property
    def _marks(self) -> str:
        return marks_of(self.grounds, self.black, self.cleaned_data["other_words"])

    @property
    def grounds(self) -> dict[int, str]:
        """By the key of a line on which ground it is kept back; empty where it stays."""
        return {key: self.cleaned_data.get(f"p{key}", "") for key in self._keys}

    @property
    def black(self) -> list[str]:
        return [*self.cleaned_data["names"], *self.cleaned_data["words"]]


class RequestWordForm(forms.Form):
    """Some words: why it goes back, takes longer, or is not given."""

    word = WordsField(label=_("Your words"), rows=3)

    def __init__(self, data: QueryDict | None = None, *, label: Words = "", help_text: Words = "") -> None:
        super().__init__(data)
        self.fields["word"].label, self.fields["word"].help_text = label, help_text


class HandingForm(forms.Form):
    """How and on which day the copy was given."""

    handing = forms.ChoiceField(
        label=_("How did you give the copy?"),
        choices=Handing.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you gave it.")},
    )
    handed_on = DayField(label=_("On which day?"))
