"""Is a message well formed, and an answer. Choices of groups come in scoped."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.models import Group
from messaging.writings.domain.text import CONTENT, PostContent, tidy_text, tidy_title
from messaging.writings.forms import OTHERS, KeyField, WrittenField, text_area
from messaging.writings.models import Post, Replies, Topic
from portal.core.forms import VersionField


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
    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=text_area(9))
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


def content_of(post: Post) -> dict[str, object]:
    """The starting point of the form that edits `post`."""
    fields = {name: getattr(post, name) for name in (*CONTENT, "version")}
    return {**fields, "together": True}


class ReplyForm(forms.Form):
    """An answer under a message."""

    text = WrittenField(tidy_text, label=_("Reply"), missing=_("Write your reply first."), widget=text_area(4))
    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
    version = VersionField()
