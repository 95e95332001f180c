"""Is a message well formed, and an answer. Choices of groups come in scoped."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.models import Group
from messaging.asks.domain import until_typed
from messaging.asks.forms import AskForm
from messaging.keeping.forms import KeptForm
from messaging.keeping.services import OTHER_MOMENT
from messaging.writings.domain.text import PostContent, content_in, tidy_text, tidy_title
from messaging.writings.forms import OTHERS, WrittenField, text_area
from messaging.writings.models import Post, Replies, Topic
from portal.core.forms import VersionField
from portal.core.templatetags.kring import ahead
from portal.core.words import Words


class PostForm(KeptForm, AskForm):
    """A message: its topic, words, who may reply, and what it asks."""

    topic = forms.ChoiceField(
        label=_("What kind of message is it?"),
        choices=Topic.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a kind."), "invalid_choice": _("Choose a kind.")},
    )
    title = WrittenField(tidy_title, label=_("Title"), missing=_("Give the message a title."))
    text = WrittenField(tidy_text, label=_("Message"), missing=_("Write your message first."), widget=text_area(5))
    replies = forms.ChoiceField(
        label=_("May readers reply?"),
        choices=Replies.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who may reply."), "invalid_choice": _("Choose who may reply.")},
    )
    is_essential = forms.BooleanField(
        label=_("Every family has to read this"),
        help_text=_("Of ten messages one at most. Who has not read it after a day gets an extra mail."),
        required=False,
    )
    version = VersionField()
    together = forms.BooleanField(required=False)
    declared = forms.ChoiceField(
        label=_("Who is in the photos?"), choices=[("on", "on"), (OTHERS, OTHERS)], required=False
    )

    @property
    def is_declared(self) -> bool:
        """Whether the writer confirmed the one line about the photos."""
        return self.cleaned_data["declared"] == "on"

    @property
    def content(self) -> PostContent:
        """What a post says, for the services."""
        return content_in(self.cleaned_data)


NOW, AT_WORK = "now", "work"
FURTHEST = timedelta(days=30)


class MomentField(forms.DateTimeField):
    """A moment on the clock of school; not in the hour of a night that it has twice, or not at all."""

    def to_python(self, value: str | datetime | date | None) -> datetime | None:
        try:
            moment: datetime | None = super().to_python(value)
        except ValidationError as refused:
            if refused.code != "ambiguous_timezone":
                raise
            raise ValidationError(_("The clock changes in that hour. Choose another one."), code=refused.code) from None
        return moment


class MomentForm(forms.Form):
    """When what is placed can be read.

    `at_work`: when who places it is at work again (POL-27), None while at work: then there is nothing to wait for, and
    a form that waited for it goes now.
    """

    when = forms.CharField(label=_("When do parents read it?"), widget=forms.RadioSelect, required=False)
    at = MomentField(
        label=_("Day and time"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%d-%m-%Y %H.%M", "%d-%m-%Y %H:%M"],
        error_messages={"invalid": _("Choose a day and a time, like 4-12-2026 8.00.")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, now: datetime, at_work: datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self._now, self._at_work = now, at_work
        choices: list[tuple[str, Words]] = [(NOW, _("now")), (OTHER_MOMENT, _("at another moment"))]
        if at_work:
            choices.insert(0, (AT_WORK, ahead(at_work, now)))
        self.fields["when"].widget.choices = choices
        if self.initial.get("when") not in dict(choices):
            self.initial["when"] = choices[0][0]

    def clean_at(self) -> datetime | None:
        """A moment of the next thirty days, where one was asked for."""
        at: datetime | None = self.cleaned_data["at"]
        if self.cleaned_data.get("when") != OTHER_MOMENT:
            return None
        if at is None:
            raise ValidationError(self.fields["at"].error_messages["invalid"], code="required")
        if not self._now < at <= self._now + FURTHEST:
            raise ValidationError(_("Choose a moment of the coming thirty days."), code="moment")
        return at

    @property
    def placed_at(self) -> datetime:
        """When a valid form wants it read; what goes now can be called back for a moment (ADR 0048)."""
        moments = {AT_WORK: self._at_work, OTHER_MOMENT: self.cleaned_data["at"]}
        return moments.get(self.cleaned_data["when"]) or self._now + timedelta(seconds=settings.KRING_UNDO_SECONDS)


class ComposeForm(MomentForm, PostForm):
    """A new message, with where it goes, among `groups`, and when."""

    groep = forms.MultipleChoiceField(
        label=_("Who is it for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a group."), "invalid_choice": _("Choose a group.")},
    )
    field_order = ("groep",)

    def __init__(self, data: QueryDict | None = None, *, groups: Iterable[Group], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._choices = {str(group.uid): group for group in groups}
        named = [(uid, group.name) for uid, group in self._choices.items()]
        self.fields["groep"].choices = named  # type: ignore[attr-defined]

    @property
    def chosen_groups(self) -> list[Group]:
        """The groups of a valid form, in the order of the choices."""
        return [group for uid, group in self._choices.items() if uid in self.cleaned_data["groep"]]


def content_of(post: Post) -> dict[str, object]:
    """The starting point of the form that edits `post`."""
    until = until_typed(post.ask_on, post.answer_by)
    return {**content_in(vars(post)), "answer_by": until, "version": post.version, "together": True}


class ReplyForm(KeptForm):
    """An answer under a message."""

    text = WrittenField(tidy_text, label=_("Reply"), missing=_("Write your reply first."), widget=text_area(4))
    version = VersionField()
