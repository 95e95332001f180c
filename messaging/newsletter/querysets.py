"""What goes into the mails that gather messages, for many readers at once."""

from typing import Self

from django.db import models

from groups.models import School
from portal.core.actor import Actor


class EditionQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Weekly mails of the schools where `actor` reads a group in this hat; what is in one is asked of its messages.

        Example: Karima, of Noor in groep 4, finds those of De Linde at home. Juf Anna finds them at school. Nobody of
        De Berk finds one of them.
        """
        groups = School.groups.rel.related_model.objects.visible_to(actor)
        return self.filter(kind="weekly", school__in=groups.values("school"))

    def of(self, school: School, kind: str) -> Self:
        """The editions of one school and kind, the latest cut first."""
        return self.filter(school=school, kind=kind).order_by("-cut_at")


class ForewordQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Of the schools `user` directs; before its mail goes nobody else reads one."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def of_week(self, school: School, week: str) -> Self:
        """The one of this week, if there is one."""
        return self.filter(school=school, week=week)
