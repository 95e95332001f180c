"""One tap on the page of choices: which answers it stands for, about whom, and which words were read with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from consent.answers.services.choices import PersonChoices, PurposeChoice
from consent.answers.services.decisions import Answers
from consent.asking.domain.purposes import Says
from consent.asking.models import Reach
from portal.core.forms import LineField, VersionField


class Tap(NamedTuple):
    """What one tap stands for: the answers by card, and where it leaves or ends an explicit no.

    `left`: titles of what stays a no under a yes to everything. `turned`: names of whom a no became a yes, where
    one tap was about several.
    """

    answers: Mapping[UUID, Answers]
    left: Sequence[str]
    turned: Sequence[str]


class ChoicesForm(forms.Form):
    """Yes or no to one purpose, to all of one reach, or everything that is asked again as it stands ("Zo laten").

    It counts for each of `cards`: people of one school. A yes to everything of a reach never ends a no that somebody
    gave; only a tap on that purpose does. A purpose that is not asked here is like none. Each answer goes with the
    number of the text that was read.
    """

    keep = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None, *, cards: Sequence[PersonChoices]) -> None:
        super().__init__(data)
        self._cards = cards
        asked = {choice.purpose: choice.words.title for card in cards for choice in card.choices}
        for says in Says:
            taken = [purpose for purpose in asked if says == Says.NO or purpose.retired_at is None]
            uids = [(str(purpose.uid), asked[purpose]) for purpose in taken]
            self.fields[says.value] = forms.ChoiceField(choices=uids, required=False)
        for reach in Reach:
            both = [(says.value, says.value) for says in Says]
            self.fields[reach.value] = forms.ChoiceField(choices=both, required=False)
        for purpose in asked:
            self.fields[f"words_{purpose.uid}"] = VersionField()

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in ("keep", *Says, *Reach)):
            raise ValidationError(_("Choose yes or no."))
        cleaned["tap"] = self._tap()
        return cleaned

    def _tap(self) -> Tap:
        answers: dict[UUID, Answers] = {}
        left: dict[str, None] = {}
        turned = []
        for card in self._cards:
            answers[card.uid] = {
                choice.purpose: (says, self.cleaned_data[f"words_{choice.purpose.uid}"])
                for choice, says in self._answered(card)
            }
            stays = [choice for choice in card.choices if choice.purpose not in answers[card.uid]]
            left |= dict.fromkeys(one.words.title for one in stays if one.says == Says.NO and self._leaves(one))
            ended = [choice for choice, says in self._answered(card) if (choice.says, says) == (Says.NO, Says.YES)]
            turned += [card.child.first_name] if ended and card.child and len(self._cards) > 1 else []
        return Tap(answers, list(left), turned)

    def _answered(self, card: PersonChoices) -> Iterator[tuple[PurposeChoice, Says]]:
        for choice in card.choices:
            if says := self._says(choice):
                yield choice, Says(says)

    def _says(self, choice: PurposeChoice) -> str:
        """The answer this tap gives to one purpose about one person; empty where it gives none."""
        for says in Says:
            if self.cleaned_data.get(says.value) == str(choice.purpose.uid):
                return says
        if self.cleaned_data.get("keep"):
            return choice.says if choice.is_asked_again else ""
        return "" if self._leaves(choice) else str(self.cleaned_data.get(choice.purpose.reach) or "")

    def _leaves(self, choice: PurposeChoice) -> bool:
        """Whether a yes to everything meets an explicit no here, or what takes no yes any more."""
        takes_none = choice.says == Says.NO or choice.purpose.retired_at is not None
        return takes_none and self.cleaned_data.get(choice.purpose.reach) == Says.YES


class ReluctanceForm(forms.Form):
    """What a child said about being on photos, in a few words."""

    note = LineField(
        label=_("What did the child say?"),
        help_text=_("Colleagues of the group and the management read it."),
        max_length=500,
        required=False,
        widget=forms.TextInput(),
    )
