"""The fields in which people write: is it well formed, with a sentence for what is not."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from messaging.writings.domain.text import EmptyTextError, TextTooLongError, UnreadableTextError
from portal.core.words import Words


class WrittenField(forms.CharField):
    """A text as the domain tidies it; every refusal is a sentence, and what was typed comes back as it was."""

    def __init__(self, tidy: Callable[[str], str], *, missing: Words, **kwargs: Any) -> None:
        self.tidy, self.missing = tidy, missing
        super().__init__(strip=False, **kwargs)

    def clean(self, value: str | None) -> str:
        typed = value or ""
        if not (self.required or typed.strip()):
            return ""
        try:
            return self.tidy(typed)
        except EmptyTextError:
            raise ValidationError(self.missing, code="required") from None
        except UnreadableTextError:
            raise ValidationError(
                _("There are characters in it that cannot be stored. Type that piece again."), code="unreadable"
            ) from None
        except TextTooLongError as error:
            raise ValidationError(_too_long(len(typed), error.limit), code="too_long") from None


def _too_long(typed: int, limit: int) -> str:
    return ngettext(
        "It has %(typed)s character. At most %(limit)s fit.",
        "It has %(typed)s characters. At most %(limit)s fit.",
        typed,
    ) % {"typed": typed, "limit": limit}


OTHERS = "others"
"""The other answer to whether only children of the group are in the photos: then each photo says who is."""


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})
