"""The one form of a case: what happens to what was reported, a kind word, and whether the case is done."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.cases.domain.deciding import Choice
from moderation.cases.forms.cases import DoneSinceForm, withheld_field
from moderation.cases.forms.fields import WordsField
from moderation.cases.services.deciding import CaseDecision

LABELS = {
    Choice.KEEP: _("Leave it as it is"),
    Choice.HIDE: _("Take it away for now"),
    Choice.SHOW: _("Put it back"),
    Choice.GONE: _("Take it away for good"),
}
HINTS = {
    Choice.HIDE: _("Nobody reads it then. The case stays open."),
    Choice.SHOW: _("Whoever could read it reads it again."),
    Choice.GONE: _("With a copy in the dossier. You cannot undo this."),
}
WITH_ITS_MESSAGE = {
    Choice.HIDE: _("The whole message goes, with all its photos and replies. The case stays open."),
    Choice.SHOW: _("The whole message is back for whoever could read it."),
}
"""Of a photo: it is away for now with the message it stands in, and only for good by itself."""


class DecideForm(DoneSinceForm):
    """Nothing is chosen before somebody chooses; without something to choose from there is no choice."""

    choice = forms.ChoiceField(
        label=_("What do you do?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you do."), "invalid_choice": _("Choose what you do.")},
    )
    told = WordsField(label=_("Why?"), required=False, rows=3)
    reason = WordsField(
        label=_("Another reason for the dossier"),
        required=False,
        limit=500,
        rows=2,
        help_text=_("If the dossier has to say something else."),
    )
    withheld_because = withheld_field()
    speaks = forms.BooleanField(required=False)
    kind_word = WordsField(label=_("Your kind word"), required=False, rows=7)
    closes = forms.BooleanField(label=_("Close the case"), required=False)

    is_untrue = forms.BooleanField(
        label=_("What was reported was not true"),
        required=False,
        help_text=_("It is undone, and leaves the figures."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        choices: Iterable[Choice],
        kind_word: str,
        name: str,
        reporters: str,
        leads: bool,
        is_photo: bool,
        stood: str,
    ) -> None:
        """`stood`: as far as it goes here, of `Shown`, measures and kind words."""
        super().__init__(data, initial={"kind_word": kind_word, "stood": stood})
        offered = list(choices)
        self.fields["choice"].choices = [(one.value, LABELS[one]) for one in offered]  # type: ignore[attr-defined]
        hints = {**HINTS, **(WITH_ITS_MESSAGE if is_photo else {})}
        self.fields["choice"].option_hints = hints  # type: ignore[attr-defined]
        self.may_remove = Choice.GONE in offered
        if not offered:
            del self.fields["choice"]
        if not leads:
            del self.fields["is_untrue"]
        if not self.may_remove:
            del self.fields["reason"]
        if not {Choice.GONE, Choice.HIDE} & set(offered):
            del self.fields["told"], self.fields["withheld_because"]
        else:
            self.fields["told"].help_text = _("%(name)s reads this. Who reported it does not.") % {"name": name}
        self.fields["speaks"].label = _("Write %(name)s a kind word") % {"name": name}
        self.fields["closes"].help_text = reporters

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("speaks") and not cleaned.get("kind_word"):
            self.add_error("kind_word", _("Write a few kind words."))
        return cleaned

    @property
    def decision(self) -> CaseDecision:
        """For the service; what is typed for another choice does not count."""
        facts = self.cleaned_data
        takes_away = facts.get("choice") in (Choice.HIDE, Choice.GONE)
        words = {name: facts.get(name, "") for name in ("told", "withheld_because", "reason")} if takes_away else {}
        return CaseDecision(
            choice=facts.get("choice", ""),
            kind_word=facts["kind_word"] if facts["speaks"] else "",
            closes=facts["closes"],
            is_untrue=facts.get("is_untrue", False),
            **words,
        )
