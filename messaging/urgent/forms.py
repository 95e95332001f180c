"""An urgent message as it is typed: to which group, its words, and why it cannot wait."""

from collections.abc import Iterable
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.models import Group, StaffMember
from messaging.urgent.domain import REASON_LIMIT
from messaging.urgent.services.sending import UrgentDraft
from messaging.writings.domain.text import EmptyTextError, tidy_note, tidy_text, tidy_title
from messaging.writings.forms import WrittenField, text_area
from portal.core.forms import KeyField


def _tidy_reason(raw: str) -> str:
    """In one line. Raises a `TextRefusedError`, also where nothing is said."""
    if line := tidy_note(raw, REASON_LIMIT):
        return line
    raise EmptyTextError


class UrgentForm(forms.Form):
    """`groups` are those that the writer may choose from."""

    group = forms.ChoiceField(
        label=_("For whom?"),
        error_messages={"required": _("Choose for whom."), "invalid_choice": _("Choose for whom.")},
    )
    title = WrittenField(
        tidy_title, label=_("What is the matter?"), missing=_("Say in a few words what is the matter.")
    )
    text = WrittenField(
        tidy_text, label=_("What do parents have to do?"), missing=_("Write your message first."), widget=text_area(5)
    )
    reason = WrittenField(
        _tidy_reason,
        label=_("Why can it not wait?"),
        help_text=_("Parents do not read this. It is kept."),
        missing=_("Write why it cannot wait."),
    )
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: object, groups: Iterable[Group], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._groups = {str(group.uid): group for group in groups}
        self.has_groups = bool(self._groups)
        self.fields["group"].choices = [("", "–"), *((uid, group.name) for uid, group in self._groups.items())]  # type: ignore[attr-defined]

    def draft(self, not_children: list[str]) -> UrgentDraft:
        """What was typed, for the services."""
        said = self.cleaned_data
        return UrgentDraft(self._groups[said["group"]], said["title"], said["text"], said["reason"], not_children)


class UrgentDeputyForm(forms.Form):
    """One of the staff who may be named."""

    staff = forms.ChoiceField(
        label=_("Who?"), error_messages={"required": _("Choose somebody."), "invalid_choice": _("Choose somebody.")}
    )

    def __init__(self, *args: object, staff: Iterable[StaffMember], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._staff = {str(one.uid): one for one in staff}
        self.fields["staff"].choices = [("", "–"), *((uid, one.full_name) for uid, one in self._staff.items())]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> StaffMember:
        return self._staff[self.cleaned_data["staff"]]
