"""Some lines of text, each in its one spelling."""

from typing import Any

from django import forms

from portal.core.forms import in_one_spelling

LONGEST_TEXT = 2_000


class TextField(forms.CharField):
    """Some lines, with an empty one between paragraphs at most."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 5}))
        super().__init__(max_length=LONGEST_TEXT, **kwargs)

    def to_python(self, value: object) -> str:
        lines = [in_one_spelling(line) for line in (super().to_python(value) or "").splitlines()]
        return "\n".join(lines).strip()
