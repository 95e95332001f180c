"""What somebody doubts, and whom it is for."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.cases.forms.fields import WordsField
from moderation.cases.models.cases import Reason
from portal.core.forms import in_one_spelling

BOTH, TEACHER, DIRECTIE = "both", "teacher", "directie"
TO = [
    (BOTH, _("The teacher and the school management")),
    (TEACHER, _("The teacher")),
    (DIRECTIE, _("The school management only")),
]


DANGER_FIRST = sorted(Reason.choices, key=lambda choice: choice[0] != Reason.DANGER)


class ReportForm(forms.Form):
    """Why, in own words, and to whom; without a teacher to choose it goes to the school management."""

    reason = forms.ChoiceField(
        label=_("What is it about?"),
        choices=DANGER_FIRST,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about."), "invalid_choice": _("Choose what it is about.")},
    )
    words = WordsField(label=_("In your own words"), required=False)
    seen_where = forms.CharField(
        label=_("Where did you see it?"),
        required=False,
        max_length=300,
        help_text=_("For instance: in a group chat of parents, on Tuesday."),
    )
    to = forms.ChoiceField(
        label=_("Who may read your report?"),
        choices=TO,
        initial=BOTH,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who may read it."), "invalid_choice": _("Choose who may read it.")},
    )

    def __init__(self, data: QueryDict | None = None, *, has_teacher: bool) -> None:
        super().__init__(data)
        if not has_teacher:
            del self.fields["to"]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == Reason.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Write what it is about."))
        if cleaned.get("reason") == Reason.SPREAD and not cleaned.get("seen_where"):
            self.add_error("seen_where", _("Write where you saw it."))
        return cleaned

    def clean_seen_where(self) -> str:
        return in_one_spelling(self.cleaned_data["seen_where"])

    @property
    def why(self) -> dict[str, str]:
        """What is doubted, and why."""
        facts = {fact: str(self.cleaned_data[fact]) for fact in ("reason", "words", "seen_where")}
        return facts if facts["reason"] == Reason.SPREAD else {**facts, "seen_where": ""}

    @property
    def told(self) -> dict[str, Any]:
        """For the services: what is doubted, and whether to the teacher and to the school management."""
        to = self.cleaned_data.get("to", DIRECTIE)
        return {**self.why, "to_teacher": to in (BOTH, TEACHER), "to_directie": to in (BOTH, DIRECTIE)}


class ParticipantForm(ReportForm):
    """The same about one of the people in a conversation, for the school management."""

    who = forms.TypedChoiceField(
        label=_("Who is it about?"),
        coerce=UUID,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who it is about."), "invalid_choice": _("Choose who it is about.")},
    )
    field_order = ["who", "reason", "seen_where", "words"]

    def __init__(self, data: QueryDict | None = None, *, people: list[tuple[UUID, str]]) -> None:
        super().__init__(data, has_teacher=False)
        field = self.fields["who"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = people
        if len(people) == 1:
            field.initial = people[0][0]
