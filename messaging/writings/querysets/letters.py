"""Which posts a letter is about: what came, began, was shown again or came to ask something in its time."""

from datetime import datetime
from typing import Protocol, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from messaging.writings.querysets.kinds import KindQuerySet


class EditionWindow(Protocol):
    """An edition: which time it gathers at which school, and which of what was hidden it went without."""

    @property
    def school_id(self) -> int: ...

    @property
    def window_from(self) -> datetime: ...

    @property
    def cut_at(self) -> datetime: ...

    @property
    def missed_at(self) -> list[datetime]: ...

    @property
    def went_without(self) -> Q: ...


class LetterQuerySet(KindQuerySet):
    """The part of a post's queryset that letters ask."""

    def in_window(self, edition: EditionWindow) -> Self:
        """Published at the edition's school after its window opened, up to and at its cut.

        And what was shown again in that time, where no mail had it because it was hidden. Example: hidden on Thursday
        and shown on Monday, the newsletter of Friday went without it; that of the next Friday has it.
        """
        new = Q(published_at__gt=edition.window_from, published_at__lte=edition.cut_at)
        for moment in edition.missed_at:
            new &= ~Q(hidden_first_at__lte=moment, shown_again_at__gt=moment)
        shown = Q(shown_again_at__gt=edition.window_from, shown_again_at__lte=edition.cut_at)
        return self.filter(new | shown & edition.went_without, school=edition.school_id, state="published")

    def came_to_ask_in(self, edition: EditionWindow) -> Self:
        """Those that stood there already and asked nothing, and came to ask something within the edition's window.

        Also those that every family has to read by now, and had not.
        """
        came = self.filter(
            school=edition.school_id,
            state="published",
            asked_anew_at__gt=edition.window_from,
            asked_anew_at__lte=edition.cut_at,
            published_at__lt=F("asked_anew_at"),
        )
        asked_nothing = self._versions().filter(writing=OuterRef("pk"), ask="")
        asks, is_essential = ~Q(ask="") & Exists(asked_nothing), Q(is_essential=True)
        return came.filter(asks | is_essential & Exists(asked_nothing.filter(is_essential=False)))

    def with_asked_once(self) -> Self:
        """Annotates has_asked: whether any version of it asked something, or was for every family to read."""
        asked = self._versions().filter(writing=OuterRef("pk")).exclude(ask="", is_essential=False)
        return self.annotate(has_asked=Exists(asked))

    def begun_between(self, since: datetime, until: datetime) -> Self:
        """Published in this time (since, until], and written before that."""
        first = self._versions().filter(writing=OuterRef("pk"), written_at__lt=OuterRef("published_at"))
        return self.filter(Exists(first), state="published", published_at__gt=since, published_at__lte=until)

    def shown_between(self, since: datetime, until: datetime) -> Self:
        """Shown again in this time (since, until]."""
        return self.filter(state="published", shown_again_at__gt=since, shown_again_at__lte=until)

    def _versions(self) -> models.QuerySet:
        rows: models.QuerySet = self.model.versions.rel.related_model.objects
        return rows
