"""What goes into the mails that gather messages, for many readers at once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from groups.models import GroupGrant, School
from groups.roles import MODERATE, VIEW
from messaging.domain.shapes import EditionWindow
from portal.core.access import GrantQuerySet
from portal.core.models import User


class LetterQuerySet(models.QuerySet):
    """The part of a post's queryset that letters ask."""

    def in_window(self, edition: EditionWindow) -> Self:
        """Published at the edition's school after its window opened, up to and at its cut."""
        return self.filter(
            school=edition.school_id,
            state="published",
            published_at__gt=edition.window_from,
            published_at__lte=edition.cut_at,
        )

    def visible_pairs(self, users: Iterable[User | int], *, now: datetime, hat: str | None = None) -> models.QuerySet:
        """(user, post) for all of `users` at once: the same as asking `visible_to` for each of them (POL-01, 04, 05).

        `users` are users, their keys or a query of those. One statement; each pair stands once.
        """
        readers = _readers(VIEW, now, hat).filter(user__in=users)
        moderating = _readers(MODERATE, now, hat).filter(user=OuterRef("reader"), content_object=OuterRef("group"))
        mine = Q(author=F("reader")) & Q(hat=hat) if hat else Q(author=F("reader"))
        return (
            self.filter(group__grants__in=readers)
            .annotate(reader=F("group__grants__user"))
            .filter(Q(state="published") | Q(state="hidden") & (Exists(moderating) | mine))
            .order_by()
            .values_list("reader", "pk")
            .distinct()
        )


def _readers(permission: str, now: datetime, hat: str | None) -> GrantQuerySet[GroupGrant]:
    rights = GroupGrant.objects.in_force(permission, now=now)
    return rights.filter(hat=hat) if hat else rights


class EditionQuerySet(models.QuerySet):
    def of(self, school: School, kind: str) -> Self:
        """The editions of one school and kind, the latest cut first."""
        return self.filter(school=school, kind=kind).order_by("-cut_at")
