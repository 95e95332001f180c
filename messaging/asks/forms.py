"""What a message asks, as fields of its form; and is an answer well formed."""

from functools import partial

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.asks.domain import (
    CHOSE,
    DONE,
    MAYBE,
    MOST_HEADS,
    MOST_OPTIONS,
    MOST_ROOM,
    MOST_TASKS,
    NO,
    NOT_YET,
    PASS,
    SIGN_OFF,
    SIGN_ON,
    YES,
    AskRefusedError,
    NotAsked,
)
from messaging.asks.models import PHONE_LIMIT
from messaging.writings.domain.text import BRING_LIMIT, COST_LIMIT, LINES_LIMIT, VENUE_LIMIT, tidy_note
from messaging.writings.forms import WrittenField
from messaging.writings.models import AskKind
from portal.core.forms import DayField, KeyField, PhoneField
from portal.core.words import Words

REFUSALS: dict[NotAsked, Words] = {
    NotAsked.UNKNOWN: _("Choose what you ask."),
    NotAsked.NO_DAY: _("Choose the day that it is about."),
    NotAsked.PAST: _("That day is over by then. Choose a later day."),
    NotAsked.FAR: _("Choose a day within a year."),
    NotAsked.ANSWER_AFTER: _("The answer comes before the day itself. Choose an earlier day."),
    NotAsked.ANSWER_PAST: _("Nobody can answer by then any more. Choose a later moment."),
    NotAsked.NEXT_YEAR: _("This is after the school year. Ask it then, in the new groups."),
    NotAsked.OPTIONS: _("Put each choice on a line of its own. Two at least, eight at most."),
    NotAsked.TASKS: _("Put each task on a line of its own, eight at most, like: Making soup, 3, 8.30."),
    NotAsked.TWICE_A_TASK: _("One task stands there twice."),
    NotAsked.ROOM: _("Type for how many people there is room, or leave it empty."),
    NotAsked.TWICE: _("One choice stands there twice."),
    NotAsked.LONG: _("One line is too long. Sixty characters fit on a line."),
    NotAsked.UNREADABLE: _("There are characters in it that cannot be stored. Type that piece again."),
    NotAsked.ELSEWHERE: _(
        "A group in which you do not write any more answers in the same list, so what is asked stays as it is. You can"
        " take it back here and ask it anew."
    ),
    NotAsked.NO_CHILDREN: _("Only of families in a class or the whole school can you ask something here."),
}


def note_field(limit: int, label: Words) -> WrittenField:
    """A few words on one line, or none."""
    line = forms.TextInput(attrs={"maxlength": limit})
    tidy, missing = partial(tidy_note, limit=limit), _("There is nothing to read here.")
    return WrittenField(tidy, label=label, missing=missing, required=False, widget=line)


def hour_field(label: Words) -> forms.TimeField:
    """An hour of the day, from the browser's clock or typed as 18.30; or none."""
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("Type a time like 18.30.")},
    )


class LinesField(forms.CharField):
    """Several short lines; what each says is read with the kind of ask that they belong to."""

    def __init__(self, label: Words, help_text: Words) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "maxlength": LINES_LIMIT})
        super().__init__(label=label, help_text=help_text, required=False, widget=widget, max_length=LINES_LIMIT)


class AskForm(forms.Form):
    """What a message asks of families: the part of its form that says so."""

    ask = forms.ChoiceField(
        label=_("Do you ask something of parents?"),
        choices=AskKind.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": REFUSALS[NotAsked.UNKNOWN]},
    )
    options = LinesField(_("What can they choose?"), _("Each choice on a line of its own, eight at most."))
    takes_more = forms.BooleanField(label=_("More than one may be chosen"), required=False)
    is_anonymous = forms.BooleanField(
        label=_("Without names"),
        help_text=_("Each adult votes once. You read what was chosen after the last day, from eight votes on."),
        required=False,
    )
    tasks = LinesField(
        _("What is there to do?"), _("Each task on a line, with how many people and at what time: Making soup, 3, 8.30")
    )
    ask_on = DayField(label=_("For which day?"), required=False)
    bring = note_field(BRING_LIMIT, _("What comes along?"))
    cost = note_field(COST_LIMIT, _("What does it cost?"))
    answer_by = DayField(label=_("Answer until"), help_text=_("Otherwise until the day itself."), required=False)

    answer_at = hour_field(_("Until what time on that day?"))
    venue = note_field(VENUE_LIMIT, _("Where?"))
    begins_at = hour_field(_("At what time?"))
    capacity = forms.IntegerField(
        label=_("For how many people is there room?"),
        help_text=_("Leave it empty where everybody fits."),
        required=False,
        min_value=1,
        max_value=MOST_ROOM,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], REFUSALS[NotAsked.ROOM]),
    )

    def refuse(self, refused: AskRefusedError) -> None:
        """Why this cannot be asked, beside the field that is about it."""
        self.add_error(refused.field, str(REFUSALS[refused.why]))


UNCLEAR = _("Your answer did not come through. Give it once more.")


class AskAnswerForm(forms.Form):
    """An answer to what is asked: about the child named (`kind`), or all of the own ones.

    `filter`: the child whose messages were looked at, to go back to. `task`: the one to sign on to, or off from, with a
    number for the others only where it `shares` one; `had_phone`: one stood on the page that was answered. `on` and
    `fingerprint`: the day, and what there was to choose or to do, on that page.
    """

    answer = forms.ChoiceField(
        choices=[(one, one) for one in (YES, NO, MAYBE, DONE, CHOSE, PASS, SIGN_ON, SIGN_OFF)],
        required=False,
        initial=NOT_YET,
    )
    task = forms.IntegerField(min_value=1, max_value=MOST_TASKS, required=False)
    heads = forms.IntegerField(
        min_value=1,
        max_value=MOST_HEADS,
        required=False,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], _("Type a number from 1 to 20.")),
    )
    shares = forms.BooleanField(required=False)
    had_phone = forms.BooleanField(required=False)
    phone = PhoneField(max_length=PHONE_LIMIT, required=False)
    chosen = forms.TypedMultipleChoiceField(
        choices=[(place, place) for place in range(1, MOST_OPTIONS + 1)], coerce=int, required=False
    )
    on = forms.DateField(input_formats=["%Y-%m-%d"])
    fingerprint = forms.CharField(max_length=12, required=False)
    kind = forms.UUIDField(required=False)
    filter = KeyField(required=False)

    def clean(self) -> dict[str, object]:
        """Only what belongs to the answer is looked at: a no is a no whatever number of people stands beside it.

        Consent to a telephone number is a tick and a number (POL-30), and is taken back by taking the tick away; a page
        that says nothing of one changes none. `phone`: the number, "" for none any more, None for as it was.
        """
        cleaned = self.cleaned_data
        answer, had_phone = cleaned.get("answer"), cleaned.get("had_phone")
        if answer == CHOSE and cleaned.get("chosen") == []:
            self.add_error(None, _("Choose one at least."))
        if answer == NOT_YET:
            cleaned["chosen"] = []
            if "answer" not in self.data:
                self.add_error("answer", UNCLEAR)
        if answer != YES:
            cleaned["heads"] = None
            self.errors.pop("heads", None)
        if answer != SIGN_ON or not cleaned.get("shares"):
            cleaned["phone"] = "" if had_phone else None
            self.errors.pop("phone", None)
            if answer == SIGN_ON and not had_phone and self.data.get("phone"):
                self.add_error("phone", _("Your number is not shown. Set the tick too, or leave the number out."))
        elif not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Type your number, or leave the tick out."))
        return cleaned
