"""What a message asks, as fields of its form; and is an answer well formed."""

from functools import partial

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.asks.domain import DONE, MAYBE, NO, NOT_YET, YES, AskRefusedError, NotAsked
from messaging.writings.domain.text import BRING_LIMIT, COST_LIMIT, tidy_note
from messaging.writings.forms import KeyField, WrittenField
from messaging.writings.models import AskKind
from portal.core.forms import DayField
from portal.core.words import Words

REFUSALS: dict[NotAsked, Words] = {
    NotAsked.UNKNOWN: _("Choose what you ask."),
    NotAsked.NO_DAY: _("Choose the day that it is about."),
    NotAsked.PAST: _("That day is over. Choose a day that is still to come."),
    NotAsked.FAR: _("Choose a day within a year."),
    NotAsked.ANSWER_AFTER: _("The answer comes before the day itself. Choose an earlier day."),
    NotAsked.ANSWER_PAST: _("Nobody can answer by then any more. Choose a later day."),
    NotAsked.NO_CHILDREN: _("Only of families in a class or the whole school can you ask something here."),
}


def note_field(limit: int, label: Words) -> WrittenField:
    """A few words on one line, or none."""
    line = forms.TextInput(attrs={"maxlength": limit})
    tidy, missing = partial(tidy_note, limit=limit), _("There is nothing to read here.")
    return WrittenField(tidy, label=label, missing=missing, required=False, widget=line)


class AskForm(forms.Form):
    """What a message asks of families: the part of its form that says so."""

    ask = forms.ChoiceField(
        label=_("Do you ask something of parents?"),
        choices=AskKind.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": REFUSALS[NotAsked.UNKNOWN]},
    )
    ask_on = DayField(label=_("For which day?"), required=False)
    bring = note_field(BRING_LIMIT, _("What comes along?"))
    cost = note_field(COST_LIMIT, _("What does it cost?"))
    answer_by = DayField(label=_("Answer until"), help_text=_("Otherwise until the day itself."), required=False)

    def refuse(self, refused: AskRefusedError) -> None:
        """Why this cannot be asked, beside the field that is about it."""
        self.add_error(refused.field, str(REFUSALS[refused.why]))


class AskAnswerForm(forms.Form):
    """An answer to what is asked: about the child named (`kind`), or all of the own ones.

    `filter`: the child whose messages were looked at, to go back to.
    """

    answer = forms.ChoiceField(choices=[(one, one) for one in (YES, NO, MAYBE, DONE)], required=False, initial=NOT_YET)
    on = forms.DateField(input_formats=["%Y-%m-%d"])
    kind = forms.UUIDField(required=False)
    filter = KeyField(required=False)
