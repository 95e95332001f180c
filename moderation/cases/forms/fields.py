"""Words that somebody writes about a case: tidied as everywhere, not longer than fits."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from messaging.writings.domain.text import tidy_text
from messaging.writings.forms import WrittenField
from moderation.cases.models.measures import LONGEST
from portal.core.words import Words


class WordsField(WrittenField):
    """Some lines; `required=False` lets them be empty."""

    def __init__(self, *, limit: int = LONGEST, rows: int = 4, missing: Words = "", **kwargs: object) -> None:
        self.limit = limit
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(tidy_text, missing=missing or _("Write a few words."), widget=widget, **kwargs)

    def clean(self, value: str | None) -> str:
        if not self.required and not (value or "").strip():
            return ""
        text = super().clean(value)
        if len(text) > self.limit:
            words = ngettext(
                "It has %(typed)s character. At most %(limit)s fit.",
                "It has %(typed)s characters. At most %(limit)s fit.",
                len(text),
            )
            raise ValidationError(words % {"typed": len(text), "limit": self.limit}, code="too_long")
        return text
