"""What goes into the mails that gather messages, for many readers at once."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.models import School
from portal.core.actor import Actor


class EditionQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Weekly mails of the school years of which `actor` reads a group there in this hat.

        What is in one is asked of its messages.

        Example: Karima, of Noor in groep 4, finds those of De Linde at home, and last year's until its archive closes.
        Juf Anna finds them at school. Lotte, whose Fenna came this year, finds none of before; nobody of De Berk any.
        """
        groups = School.groups.rel.related_model.objects.visible_to(actor)
        of_then = groups.filter(
            school=OuterRef("school"),
            school_year__starts_at__lte=OuterRef("cut_at"),
            school_year__ends_at__gt=OuterRef("cut_at"),
        )
        return self.filter(Exists(of_then), kind="weekly")

    def of(self, school: School, kind: str) -> Self:
        """The editions of one school and kind, the latest cut first."""
        return self.filter(school=school, kind=kind).order_by("-cut_at")


class ForewordQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Of the schools `actor` directs; before its mail goes nobody else reads one."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def of_week(self, school: School, week: str) -> Self:
        """The one of this week, if there is one."""
        return self.filter(school=school, week=week)
