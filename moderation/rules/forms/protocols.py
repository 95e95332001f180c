"""The words of a school's rules, and the days that go with them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.rules.domain.protocols import ProtocolWords
from moderation.rules.models.protocols import LONGEST_SUMMARY, LONGEST_TEXT, ProtocolDraft
from portal.core.domain.lines import UnreadableLineError, tidy_line
from portal.core.forms import DayField, VersionedForm


class RulesField(forms.CharField):
    """Some lines, with an empty one between paragraphs at most; what no screen shows is refused."""

    def __init__(self, *, longest: int, rows: int, **kwargs: Any) -> None:
        super().__init__(max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: object) -> str:
        lines = [_tidy(line) for line in (super().to_python(value) or "").splitlines()]
        tidied = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
        return "\n".join(tidied).strip()


def _tidy(line: str) -> str:
    try:
        return tidy_line(line)
    except UnreadableLineError:
        raise ValidationError(_("There is a character in it that we cannot show. Type it again.")) from None


class DraftForm(VersionedForm):
    """The rules in both languages, in short and in full."""

    summary_nl = RulesField(
        label=_("In short, in Dutch"),
        help_text=_("Everybody confirms this. Keep it to half a page."),
        longest=LONGEST_SUMMARY,
        rows=9,
        error_messages={"required": _("Say in short what people confirm.")},
    )
    text_nl = RulesField(
        label=_("The whole text, in Dutch"),
        help_text=_("# begins a heading, - an item of a list."),
        longest=LONGEST_TEXT,
        rows=24,
        error_messages={"required": _("Type the whole text.")},
    )
    summary_en = RulesField(
        label=_("In short, in English"),
        help_text=_("For parents who read little Dutch."),
        longest=LONGEST_SUMMARY,
        rows=9,
        error_messages={"required": _("Say it in English too.")},
    )
    text_en = RulesField(
        label=_("The whole text, in English"),
        longest=LONGEST_TEXT,
        rows=24,
        error_messages={"required": _("Type the whole text in English too.")},
    )

    def __init__(self, data: QueryDict | None = None, *, draft: ProtocolDraft) -> None:
        super().__init__(data, initial={name: getattr(draft, name) for name in self.base_fields})

    @property
    def words(self) -> ProtocolWords:
        return ProtocolWords(**{name: self.cleaned_data[name] for name in ProtocolWords.__dataclass_fields__})


class InForceForm(VersionedForm):
    """From when the rules hold, until when parents may wait, and what the MR said."""

    effective_on = DayField(label=_("The rules hold from"), help_text=_("Today means: at once."))
    confirm_by = DayField(
        label=_("Parents confirm no later than"),
        help_text=_("Until this day parents can press “later”."),
    )
    council_consented_on = DayField(
        label=_("Day on which the MR consented"), help_text=_("This day, or below why there is none."), required=False
    )
    council_note = forms.CharField(
        label=_("What the MR said, or why there is no consent yet"), max_length=500, required=False
    )

    def __init__(self, data: QueryDict | None = None, *, draft: ProtocolDraft, now: datetime) -> None:
        today = now.date()
        first = {"effective_on": today, "confirm_by": today + timedelta(days=14), "version": draft.version}
        super().__init__(data, initial=first)

    def clean_council_note(self) -> str:
        return _tidy(self.cleaned_data["council_note"])

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if "council_consented_on" in given and not given["council_consented_on"] and not given.get("council_note"):
            self.add_error("council_consented_on", _("Choose the day, or say below why there is no consent yet."))
        return given
