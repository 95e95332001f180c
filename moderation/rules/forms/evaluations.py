"""Five questions with a scale, and one open one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.rules.domain.evaluations import QUESTIONS, WORDS
from moderation.rules.forms.protocols import RulesField
from moderation.rules.models.evaluations import LONGEST_REMARK


class EvaluationForm(forms.Form):
    """Each question is a field of its own: `q0` to `q4`."""

    words = RulesField(
        label=_("What should be better, or stay as it is?"),
        help_text=_("Write no names. Then nobody can see that it is you."),
        longest=LONGEST_REMARK,
        rows=5,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(QUESTIONS):
            self.fields[f"q{number}"] = forms.TypedChoiceField(
                label=str(question),
                choices=list(WORDS.items()),
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one of the five.")},
            )
        self.order_fields([*(f"q{number}" for number in range(len(QUESTIONS))), "words"])

    @property
    def scores(self) -> list[int]:
        return [self.cleaned_data[f"q{number}"] for number in range(len(QUESTIONS))]
