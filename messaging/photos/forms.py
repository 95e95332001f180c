"""Is it well formed that somebody would rather not be in a photo."""

from collections import Counter
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.models import Child
from portal.core.domain.lines import UnreadableLineError, tidy_line


class RatherNotForm(forms.Form):
    """Which child would rather not be on this one photo, and what it said."""

    who = forms.ChoiceField(
        label=_("Which child?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a child."), "invalid_choice": _("Choose a child.")},
    )

    note = forms.CharField(
        label=_("What did the child say?"),
        help_text=_("Colleagues of the group and the management read it."),
        max_length=500,
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, children: Sequence[Child]) -> None:
        super().__init__(data)
        self._children = {str(child.uid): child for child in children}
        often = Counter(child.first_name for child in children)
        self.fields["who"].choices = [  # type: ignore[attr-defined]
            (uid, child.first_name if often[child.first_name] == 1 else child.full_name)
            for uid, child in self._children.items()
        ]

    def clean_note(self) -> str:
        try:
            return tidy_line(self.cleaned_data["note"])
        except UnreadableLineError:
            raise ValidationError(
                _("There are characters in it that cannot be stored. Type that piece again."), code="unreadable"
            ) from None

    @property
    def has_children(self) -> bool:
        return bool(self._children)

    @property
    def child(self) -> Child:
        return self._children[self.cleaned_data["who"]]
