"""What goes into the mails that gather messages, for many readers at once."""

from typing import Self

from django.db import models

from groups.models import School


class EditionQuerySet(models.QuerySet):
    def of(self, school: School, kind: str) -> Self:
        """The editions of one school and kind, the latest cut first."""
        return self.filter(school=school, kind=kind).order_by("-cut_at")
