"""What a school asks: on which ground, for whom to see, in which words."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from consent.asking.domain.purposes import Basis
from consent.asking.forms.fields import TextField
from consent.asking.models import Purpose, Reach
from consent.asking.services.texts import Explained, PurposeTexts
from portal.core.forms import LineField, VersionedForm

GROUNDS = [(Basis.CONSENT.value, _("Consent")), (Basis.OBJECTION.value, _("Another ground, with a right to object"))]
HINTS = {
    Basis.CONSENT.value: _("No answer is no consent."),
    Basis.OBJECTION.value: _("Until somebody says no. Ask your data-protection officer first."),
}


class PurposeFields(forms.Form):
    """On which ground a purpose stands, who gets to see it, and whose yes it needs."""

    basis = forms.ChoiceField(label=_("Ground"), choices=GROUNDS, widget=forms.RadioSelect, initial=Basis.CONSENT)
    reach = forms.ChoiceField(
        label=_("Who gets to see it?"), choices=Reach.choices, widget=forms.RadioSelect, initial=Reach.GROUPS
    )
    requires_all = forms.BooleanField(
        label=_("Every parent with authority has to say yes"),
        help_text=_("Otherwise one yes is enough. One no always wins."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].option_hints = HINTS  # type: ignore[attr-defined]


class PurposeForm(PurposeFields, VersionedForm):
    """How a purpose works that is there already."""

    def __init__(self, data: QueryDict | None = None, *, purpose: Purpose) -> None:
        super().__init__(data, initial={name: getattr(purpose, name) for name in self.base_fields})
        self.fields["reach"].help_text = _(
            "Do more people see it? Then an earlier yes no longer counts. Parents choose again."
        )


class WordsFields(forms.Form):
    """How a purpose is explained, in both languages."""

    title_nl = LineField(
        label=_("Title in Dutch"),
        max_length=120,
        error_messages={"required": _("Type the title that parents read.")},
    )
    text_nl = TextField(
        label=_("Explanation in Dutch"),
        help_text=_("What do you show, where, and who sees it?"),
        error_messages={"required": _("Explain what parents say yes or no to.")},
    )
    title_en = LineField(
        label=_("Title in English"),
        max_length=120,
        error_messages={"required": _("Type the title in English too.")},
    )
    text_en = TextField(
        label=_("Explanation in English"),
        help_text=_("For parents who read little Dutch."),
        error_messages={"required": _("Explain it in English too.")},
    )

    @property
    def words(self) -> PurposeTexts:
        return PurposeTexts(**{name: self.cleaned_data[name] for name in PurposeTexts.__dataclass_fields__})


class WordsForm(WordsFields, VersionedForm):
    """Other words for a purpose that is there already."""

    def __init__(self, data: QueryDict | None = None, *, words: Explained) -> None:
        super().__init__(data, initial={name: getattr(words, name) for name in self.base_fields})


class NewPurposeForm(WordsFields, PurposeFields):
    """A purpose of the school's own."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    field_order: Sequence[str] = ["title_nl", "text_nl", "title_en", "text_en", "basis", "reach", "requires_all"]
