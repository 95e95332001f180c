"""Is what is said in a conversation well formed, and who is asked into one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.models import StaffMember
from messaging.keeping.forms import KeptForm
from messaging.talks.services.chairs import Participant
from messaging.writings.domain.text import tidy_text, tidy_title, tidy_word, tidy_word_if_any
from messaging.writings.forms import WrittenField, text_area
from portal.core.forms import VersionField


class MessageForm(KeptForm):
    """What somebody says in a conversation."""

    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=text_area(4))
    version = VersionField()
    declared = forms.BooleanField(required=False, label=_("Who is in the photos?"))


class WordForm(forms.Form):
    """A word beside a decision; `is_asked`: not without one."""

    def __init__(self, *args: Any, is_asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"] = WrittenField(
            tidy_word if is_asked else tidy_word_if_any,
            label=_("Your word with it") if is_asked else _("Your word with it (if you like)"),
            missing=_("Say in a few words why."),
            widget=text_area(4),
            required=is_asked,
        )


class AskInForm(forms.Form):
    """Whom of school somebody asks into a conversation, and whether that person reads what was said before."""

    who = forms.ChoiceField(
        label=_("Who?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose somebody."), "invalid_choice": _("Choose somebody.")},
    )
    earlier = forms.ChoiceField(
        label=_("What was said before?"),
        widget=forms.RadioSelect,
        choices=[("no", _("Reads from now on")), ("yes", _("Also reads what I can read of before"))],
        initial="no",
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one.")},
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, people: Sequence[Any]) -> None:
        super().__init__(data)
        self._people: dict[str, StaffMember] = {str(one.staff.uid): one.staff for one in people}
        field: Any = self.fields["who"]
        field.choices = [(uid, staff.display_name) for uid, staff in self._people.items()]
        field.option_hints = {uid: staff.function for uid, staff in self._people.items()}

    @property
    def chosen(self) -> StaffMember:
        return self._people[self.cleaned_data["who"]]


class ThreadForm(KeptForm):
    """Starting a conversation. `asked` are the people of the other side by uid, `start` what stands in it at first.

    `own` is the writer, always in it; `chairs` is how the asked are read; `partners` are colleagues by uid.
    """

    met = forms.MultipleChoiceField(
        label=_("Who is in it?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose somebody."), "invalid_choice": _("Choose somebody.")},
    )
    partners = forms.MultipleChoiceField(
        label=_("Which colleagues too?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose somebody.")},
    )
    title = WrittenField(tidy_title, label=_("What is it about?"), missing=_("Say in a few words what it is about."))
    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=text_area(7))
    declared = forms.BooleanField(required=False, label=_("Who is in the photos?"))

    def __init__(
        self,
        data: QueryDict | None,
        *,
        asked: Mapping[str, object],
        own: Sequence[object],
        chairs: Sequence[Participant],
        start: Mapping[str, object],
        partners: Mapping[str, StaffMember] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(start))
        self.asked, self.own, self.chairs = asked, list(own), chairs
        self._named = set(data.getlist("met")) if data else set()
        field = self.fields["met"]
        field.choices = [(str(chair.uid), chair.name) for chair in chairs]  # type: ignore[attr-defined]
        if len(chairs) < 2:
            del self.fields["met"]
        self._partners = dict(partners or {})
        self.fields["partners"].choices = [(uid, one.display_name) for uid, one in self._partners.items()]  # type: ignore[attr-defined]
        if not self._partners:
            del self.fields["partners"]

    @property
    def own_side(self) -> list[Any]:
        """The writer, and in a valid form the colleagues who teach the child too."""
        return [*self.own, *(self._partners[uid] for uid in self.cleaned_data.get("partners", []))]

    @property
    def asks_another(self) -> bool:
        """Whether the only one there is to ask by now is not whom the page named, or ticked."""
        return "met" not in self.fields and not self.asked.keys() <= self._named

    @property
    def others(self) -> list[Any]:
        """The people of the other side in a valid form; the only one needs no choice."""
        chosen = self.cleaned_data.get("met", list(self.asked))
        return [person for uid, person in self.asked.items() if uid in chosen]
