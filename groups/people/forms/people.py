"""The people pages of the directie: looking somebody up, and deciding."""

import uuid

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.told.models import LONGEST_ANSWER
from groups.told.services import Said


class DecisionForm(forms.Form):
    """Why the directie decides so: read by the directie only."""

    evidence = forms.CharField(
        label=_("What did you see or agree?"),
        help_text=_("For example: authority register seen. Only for the management."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    told = forms.CharField(
        label=_("Why?"),
        help_text=_("Name no reporter and no other parent."),
        max_length=LONGEST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    withheld_because = forms.CharField(
        label=_("Do not tell it yet, because"),
        help_text=_("Only where it puts somebody in danger. Only for the management."),
        max_length=LONGEST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # Whether the row had ended when its decider saw it: ending and admitting again are not mixed up.
    ended = forms.BooleanField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    @property
    def said(self) -> Said:
        """For who it is about, or why that person does not hear it yet."""
        facts = self.cleaned_data
        return Said(facts["told"].strip(), facts["withheld_because"].strip())


class ShieldForm(forms.Form):
    """Why a child is shielded, or is no longer: read by the directie only.

    `act` says what the page offered: a form of before does not do the opposite.
    """

    SHIELD, LIFT = "shield", "lift"

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("For example: letter of the court seen. Only for the management."),
        max_length=500,
        error_messages={"required": _("Type why.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    act = forms.ChoiceField(choices=[(SHIELD, SHIELD), (LIFT, LIFT)], widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, is_lifting: bool) -> None:
        super().__init__(data, initial={"act": self.LIFT if is_lifting else self.SHIELD})


class PupilForm(forms.Form):
    """What is done about a pupil: the letter does not work any more, or the account goes off."""

    WITHDRAW, UNLINK = "withdraw", "unlink"

    act = forms.ChoiceField(choices=[(WITHDRAW, WITHDRAW), (UNLINK, UNLINK)])


class SearchForm(forms.Form):
    """Part of a name."""

    q = forms.CharField(label=_("Search by name"), max_length=100, required=False)

    @property
    def words(self) -> str:
        """What is searched for; empty for nothing, and for what nobody can be called."""
        return self.cleaned_data["q"].strip() if self.is_valid() else ""
