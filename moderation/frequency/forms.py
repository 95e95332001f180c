"""How many messages a week a school asks of its groups."""

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.frequency.models import MOST_ASKED, NORMS, FrequencyNorms
from portal.core.forms import VersionedForm
from portal.core.words import Words

TITLES = {"class": _("Classes"), "school": _("Whole school"), "council": _("MR and OR"), "staff": _("Team")}


class CountField(forms.IntegerField):
    """A number of messages; empty says that nothing is asked."""

    def __init__(self, *, label: Words, least: int) -> None:
        wrong = _("Type a number from %(least)s to %(most)s, or leave it empty.")
        super().__init__(
            label=label,
            min_value=least,
            max_value=MOST_ASKED,
            required=False,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value"), wrong % {"least": least, "most": MOST_ASKED}
            ),
        )


class NormsForm(VersionedForm):
    """For each kind of group: at least, and at most."""

    class_least = CountField(label=_("Classes: at least"), least=0)
    class_most = CountField(label=_("Classes: at most"), least=1)
    school_least = CountField(label=_("Whole school: at least"), least=0)
    school_most = CountField(label=_("Whole school: at most"), least=1)
    council_least = CountField(label=_("MR and OR: at least"), least=0)
    council_most = CountField(label=_("MR and OR: at most"), least=1)
    staff_least = CountField(label=_("Team: at least"), least=0)
    staff_most = CountField(label=_("Team: at most"), least=1)

    def __init__(self, data: QueryDict | None = None, *, norms: FrequencyNorms) -> None:
        super().__init__(data, initial={name: getattr(norms, name) or None for name in self.base_fields})

    @property
    def rows(self) -> list[tuple[object, BoundField, BoundField]]:
        """By kind of group: its name and both fields."""
        return [(TITLES[kind], self[f"{kind}_least"], self[f"{kind}_most"]) for kind in NORMS]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        for kind in NORMS:
            least, most = f"{kind}_least", f"{kind}_most"
            if least in given:
                given[least] = given[least] or 0
            if given.get(most) and given.get(least, 0) > given[most]:
                self.add_error(most, _("This is less than what you ask at least."))
        return given
