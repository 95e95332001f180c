"""Who is in which group, and why."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from groups import roles
from groups.roles import Hat
from portal.core.actor import Actor


class MembershipQuerySet(models.QuerySet):
    def in_force(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`; reading lasts until the archive closes, powers do not."""
        until = "reads_until" if permission == roles.VIEW else "valid_until"
        return self.filter(role__in=roles.roles_with(permission), valid_from__lte=now, **{f"{until}__gt": now})

    def effective(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`, of people who have that right: who hears, and why.

        Example: Karima belongs to groep 4 as Noor's parent. While her access is limited she is here for `view_group`
        and nothing else; while it is suspended for nothing at that school (POL-65).
        """
        rights = self.model.group.field.related_model.grants.rel.related_model.objects.in_force(permission, now=now)
        theirs = rights.filter(user=OuterRef("user"), content_object=OuterRef("group"), hat=OuterRef("hat"))
        return self.in_force(permission, now=now).filter(Exists(theirs))

    def of(self, actor: Actor, permission: str) -> Self:
        """The same of one person, in both hats: each by the rights of its own."""
        groups = self.model.group.field.related_model.grants.rel.related_model.objects
        each = [Q(hat=hat, group__in=groups.of(actor.wearing(hat), permission)) for hat in (Hat.FAMILY, Hat.STAFF)]
        return self.in_force(permission, now=actor.now).filter(each[0] | each[1], user=actor.user)

    def to_come(self, actor: Actor) -> Self:
        """The own ones that have yet to begin: with the next school year, say."""
        return self.filter(user=actor.user.pk, valid_from__gt=actor.now)

    def held(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`, of accounts that are not closed, restricted or not: who belongs."""
        return self.in_force(permission, now=now).filter(user__is_active=True)
