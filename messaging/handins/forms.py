"""Is what is handed in well formed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from messaging.posts.forms import MomentForm, PostForm
from messaging.writings.domain.text import CONTENT, tidy_word, tidy_word_if_any
from messaging.writings.forms import WrittenField, text_area


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
        widget=text_area(3),
        required=False,
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        behalf: Sequence[tuple[str, str]] = (),
        only_word: bool = False,
        word_is_asked: bool = False,
        **kwargs: Any,
    ) -> None:
        """`only_word`: the message itself is not judged by what comes in with it; `word_is_asked`: not without one."""
        super().__init__(data, **kwargs)
        self.fields["behalf"].choices = list(behalf)  # type: ignore[attr-defined]
        if len(behalf) < 2:
            del self.fields["behalf"]
        if only_word:
            for name in CONTENT:
                self.fields[name].required = False
        if word_is_asked:
            self.fields["word"].required = True
            self.fields["word"].tidy = tidy_word  # type: ignore[attr-defined]

    @property
    def has_words(self) -> bool:
        """Whether the message itself came along."""
        return all(self.cleaned_data[name] for name in ("topic", "title", "text", "replies"))


GOES_BACK = ("return", "again")
"""Answers after which a draft has no moment yet."""


class PlacedHandinForm(MomentForm, HandinForm):
    """A draft that may be placed with it, and when."""

    def clean_at(self) -> datetime | None:
        """Of what does not go yet no moment is asked."""
        return None if self.data.get("act") in GOES_BACK else super().clean_at()
