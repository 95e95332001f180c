"""Is the input well formed: messages and answers. Choices of groups come in scoped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from groups.models import Child, Group, StaffMember
from messaging.domain.text import (
    CONTENT,
    EmptyTextError,
    PostContent,
    TextTooLongError,
    UnreadableTextError,
    tidy_text,
    tidy_title,
    tidy_word,
    tidy_word_if_any,
)
from messaging.models import Post, Replies, Topic
from messaging.services.chairs import Participant
from portal.core.domain.lines import UnreadableLineError, tidy_line
from portal.core.forms import VersionField
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


class KeyField(forms.UUIDField):
    """The submission key: anything that is not one we gave out counts as none."""

    def clean(self, value: object) -> UUID | None:
        try:
            return super().clean(value)
        except ValidationError:
            return None


OTHERS = "others"
"""The other answer to whether only children of the group are in the photos: then each photo says who is."""


def _text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PostForm(forms.Form):
    """A message: its topic, words, and who may reply. With `groups` also where it goes (compose)."""

    groep = forms.MultipleChoiceField(
        label=_("Who is it for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a group."), "invalid_choice": _("Choose a group.")},
    )
    topic = forms.ChoiceField(
        label=_("What kind of message is it?"),
        choices=Topic.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a kind."), "invalid_choice": _("Choose a kind.")},
    )
    title = WrittenField(tidy_title, label=_("Title"), missing=_("Give the message a title."))
    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=_text_area(9))
    replies = forms.ChoiceField(
        label=_("May readers reply?"),
        choices=Replies.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who may reply."), "invalid_choice": _("Choose who may reply.")},
    )
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
    version = VersionField()
    together = forms.BooleanField(required=False)
    declared = forms.ChoiceField(
        label=_("Who is in the photos?"), choices=[("on", "on"), (OTHERS, OTHERS)], required=False
    )

    def __init__(self, *args: Any, groups: Iterable[Group] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if groups is None:
            del self.fields["groep"]
        else:
            self._choices = {str(group.uid): group for group in groups}
            named = [(uid, group.name) for uid, group in self._choices.items()]
            self.fields["groep"].choices = named  # type: ignore[attr-defined]

    @property
    def chosen_groups(self) -> list[Group]:
        """The groups of a valid form, in the order of the choices."""
        return [group for uid, group in self._choices.items() if uid in self.cleaned_data["groep"]]

    @property
    def is_declared(self) -> bool:
        """Whether the writer confirmed the one line about the photos."""
        return self.cleaned_data["declared"] == "on"

    @property
    def content(self) -> PostContent:
        """What a post says, for the services."""
        form = self.cleaned_data
        return {"topic": form["topic"], "title": form["title"], "text": form["text"], "replies": form["replies"]}


class HandinForm(PostForm):
    """A draft for others to judge, with a word beside it. `behalf`: on whose behalf it can be handed in."""

    behalf = forms.ChoiceField(
        label=_("On whose behalf?"),
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose on whose behalf.")},
    )
    word = WrittenField(
        tidy_word_if_any,
        label=_("A word with it"),
        missing=_("Say in a few words why."),
        widget=_text_area(3),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        behalf: Sequence[tuple[str, str]] = (),
        only_word: bool = False,
        word_is_asked: bool = False,
        **kwargs: Any,
    ) -> None:
        """`only_word`: the message itself is not judged by what comes in with it; `word_is_asked`: not without one."""
        super().__init__(*args, **kwargs)
        self.fields["behalf"].choices = list(behalf)  # type: ignore[attr-defined]
        if len(behalf) < 2:
            del self.fields["behalf"]
        if only_word:
            for name in CONTENT:
                self.fields[name].required = False
        if word_is_asked:
            self.fields["word"].required = True
            self.fields["word"].tidy = tidy_word  # type: ignore[attr-defined]


def content_of(post: Post) -> dict[str, object]:
    """The starting point of the form that edits `post`."""
    fields = {name: getattr(post, name) for name in (*CONTENT, "version")}
    return {**fields, "together": True}


class ReplyForm(forms.Form):
    """An answer under a message."""

    text = WrittenField(tidy_text, label=_("Reply"), missing=_("Write your reply first."), widget=_text_area(4))
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
    version = VersionField()


class RemovalForm(forms.Form):
    """Why something is removed; `version` is the one that was on the screen."""

    reason = forms.CharField(
        label=_("Why do you remove this?"),
        max_length=1000,
        widget=_text_area(3),
        error_messages={"required": _("Write down why first.")},
    )
    version = VersionField()


class MessageForm(forms.Form):
    """What somebody says in a conversation."""

    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=_text_area(4))
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
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
            widget=_text_area(4),
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


class ThreadForm(forms.Form):
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
    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=_text_area(7))
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
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
    def others(self) -> list[Any]:
        """The people of the other side in a valid form; the only one needs no choice."""
        chosen = self.cleaned_data.get("met", list(self.asked))
        return [person for uid, person in self.asked.items() if uid in chosen]


class RatherNotForm(forms.Form):
    """Which child would rather not be on this one photo, and what it said."""

    who = forms.ChoiceField(
        label=_("Which child?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a child."), "invalid_choice": _("Choose a child.")},
    )

    note = forms.CharField(
        label=_("What did the child say?"),
        help_text=_("A few words are enough. Colleagues of the group and the management read it."),
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
