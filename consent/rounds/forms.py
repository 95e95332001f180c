"""When a school asks, and how its consent works."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from consent.asking.models import ConsentRules
from portal.core.forms import DayField, VersionedForm

LAPSES = [("lapses", _("It lapses")), ("stands", _("It stands"))]


class RoundForm(forms.Form):
    """Until which day a round asks, and what happens to last year's yes."""

    closes_on = DayField(label=_("Last day to answer"), help_text=_("It closes at the end of this day."))
    lapses = forms.TypedChoiceField(
        label=_("What happens to a yes of before?"),
        choices=LAPSES,
        coerce=lambda value: value == "lapses",
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict | None = None, *, rules: ConsentRules) -> None:
        super().__init__(data, initial={"lapses": "lapses" if rules.yes_lapses else "stands"})
        self.fields["lapses"].option_hints = {  # type: ignore[attr-defined]
            "lapses": _("It ends. Who does not answer is not shown."),
            "stands": _("It keeps counting, and can be changed."),
        }


class RulesForm(VersionedForm):
    """The choices of a school, each with what it means."""

    yes_lapses = forms.BooleanField(
        label=_("A yes holds for one year"),
        help_text=_("When a round closes an earlier yes ends."),
        required=False,
    )
    hide_unseen = forms.BooleanField(
        label=_("After a no, hide photos that nobody has checked"),
        help_text=_("They come back when somebody looked at them."),
        required=False,
    )
    may_download = forms.BooleanField(
        label=_("Parents may download photos"),
        help_text=_("A screenshot is always possible."),
        required=False,
    )
    name_at_edge = forms.BooleanField(
        label=_("The reader's name stands at the edge of a large photo"),
        help_text=_("Lightly, so that everybody thinks before passing it on."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, rules: ConsentRules) -> None:
        super().__init__(data, initial={name: getattr(rules, name) for name in self.base_fields})
