"""Fields of the school's side: a line and some lines, each in its one spelling."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups.domain.lines import UnreadableLineError, tidy_line

LONGEST_TEXT = 2_000


class LineField(forms.CharField):
    """One line; what no screen shows is refused with a sentence."""

    def to_python(self, value: object) -> str:
        return _tidy(super().to_python(value) or "")


class TextField(forms.CharField):
    """Some lines, with an empty one between paragraphs at most."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 5}))
        super().__init__(max_length=LONGEST_TEXT, **kwargs)

    def to_python(self, value: object) -> str:
        lines = [_tidy(line) for line in (super().to_python(value) or "").splitlines()]
        return "\n".join(lines).strip()


def _tidy(line: str) -> str:
    try:
        return tidy_line(line)
    except UnreadableLineError:
        raise ValidationError(_("There is a character in it that we cannot show. Type it again.")) from None
