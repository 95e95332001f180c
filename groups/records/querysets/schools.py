"""Which schools, years and groups."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models

from groups import roles
from groups.roles import Hat
from portal.core.access import GrantQuerySet, Keys
from portal.core.actor import Actor

KIND_ORDER = ("class", "composite", "council", "staff", "school", "pupils")
CLASS_KINDS = ("class", "composite", "pupils")
"""Groups whose staff is the team of the children in it; everybody serves the whole school."""


class SchoolYearQuerySet(models.QuerySet):
    def current(self, *, now: datetime) -> Self:
        return self.filter(starts_at__lte=now, ends_at__gt=now)


class GroupQuerySet(models.QuerySet):
    def permitting(self, actor: Actor, permission: str) -> Self:
        """Groups on which `actor` has the right to `permission`, in the hat worn or in any."""
        return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(actor, permission))

    def visible_to(self, actor: Actor) -> Self:
        """Groups whose page `actor` may open (POL-01, 04, 05).

        Example: a mother with a child in groep 4 sees groep 4 and the whole school, nothing else; a head teacher
        every group of the own school; a former parent nothing; everybody in at the end reads on until the archive
        closes.
        """
        return self.permitting(actor, roles.VIEW)

    def visible_pairs(self, users: Iterable[object], *, now: datetime, hat: str) -> models.QuerySet:
        """(user, group) for all of `users` at once: the same as asking `visible_to` for each of them in this hat."""
        rights: GrantQuerySet = self.model.grants.rel.related_model.objects.in_force(roles.VIEW, now=now)
        mine = rights.filter(hat=hat, user__in=users, content_object__in=self)
        return mine.values_list("user", "content_object").distinct()

    def writable_by(self, actor: Actor) -> Self:
        """Groups in which `actor` may place a message (POL-05, 06, 08): staff, and members inside their council."""
        return self.permitting(actor, roles.PUBLISH)

    def managed_by(self, actor: Actor) -> Self:
        """Groups whose people `actor` may see: own teachers and the directie."""
        return self.permitting(actor.wearing(roles.Hat.STAFF), roles.MANAGE)

    def in_reading_order(self) -> Self:
        """Classes first by level, then composite groups, councils, team and the whole school."""
        order = models.Case(
            *(models.When(kind=kind, then=place) for place, kind in enumerate(KIND_ORDER)),
            output_field=models.IntegerField(),
        )
        return self.order_by(order, "year_level", "name", "pk")


class SchoolQuerySet(models.QuerySet):
    def to_call(self) -> Self:
        """Open schools with a phone: whom anybody may call, also without signing in."""
        return self.filter(opened_at__isnull=False).exclude(phone="").order_by("name", "pk")

    def directed_by(self, actor: Actor) -> Self:
        """Schools of which `actor` is the directie now."""
        return self._permitting(actor, roles.DIRECT)

    def overseen_by(self, actor: Actor) -> Self:
        """Schools whose foundation named `actor` its case officer: handles what the directie is a party in, no more."""
        return self._permitting(actor, roles.OVERSEE)

    def watched_by(self, actor: Actor) -> Self:
        """Schools whose dossier `actor` opens: as their directie, or as their case officer."""
        return self._permitting(actor, roles.WATCH)

    def configured_by(self, actor: Actor) -> Self:
        """Schools whose details `actor` keeps: the directie's and the IT administrator's."""
        return self._permitting(actor, roles.CONFIGURE)

    def accounted_to(self, actor: Actor) -> Self:
        """Schools that show `actor` how they keep to their rules (POL-70): counts, and nobody's name.

        Their directie, the members of their councils (MR, OR) of this school year, and whom the foundation named.
        """
        councils = self.model.groups.rel.related_model.objects.visible_to(actor.wearing(Hat.ANY)).filter(
            kind="council", school_year__starts_at__lte=actor.now, school_year__ends_at__gt=actor.now
        )
        return self.watched_by(actor) | self.filter(pk__in=councils.values("school"))

    def _permitting(self, actor: Actor, permission: str) -> Self:
        """By a task for the school as a whole, whichever hat is worn."""
        return self.filter(pk__in=self.keys_of(actor, permission))

    def keys_of(self, actor: Actor, permission: str) -> Keys:
        """The keys of these, for an `__in`: on a page they are known, and no school is looked up again."""
        keys: Keys = self.model.grants.rel.related_model.objects.of(actor.wearing(Hat.STAFF), permission)
        return keys
