"""Who wants to hear of something, and how."""

from typing import Self

from django.db import models
from django.db.models import Q


class ContactChoiceQuerySet(models.QuerySet):
    def wanting(self, way: str, *, kind: str, school: models.Model, user: str = "pk") -> Q:
        """Whose mail about `kind` comes from `school` in this `way`: a condition on users, or on rows of a `user`.

        Who never chose is among those for whom that holds unchosen (POL-50).
        """
        rows = self.filter(school=school, kind=kind)
        if way == self.model.unchosen[kind]:
            return ~Q(**{f"{user}__in": rows.exclude(way=way).values("user")})
        return Q(**{f"{user}__in": rows.filter(way=way).values("user")})

    def on_phone(self, *, kind: str, school: models.Model, user: str = "pk") -> Q:
        """Whose phones show `kind` of `school` at once: a condition on users, or on rows of a `user`."""
        rows = self.filter(school=school, kind=kind)
        if self.model.unchosen_on_phone[kind]:
            return ~Q(**{f"{user}__in": rows.filter(on_phone=False).values("user")})
        return Q(**{f"{user}__in": rows.filter(on_phone=True).values("user")})

    def refusing(self, kind: str, *, school: models.Model) -> Self:
        """Choices against any mail about `kind` from `school`."""
        return self.filter(school=school, kind=kind, way="none")
