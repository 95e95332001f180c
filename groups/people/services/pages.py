"""A group as one reader finds its page. Writes nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from groups.records.models.schools import Group
from groups.records.querysets import GroupQuerySet
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User


def find_group(uid: UUID, *, user: User, hat: str, now: datetime) -> Group | None:
    """A group whose page `user` may open, with its year, and `may_write` and `may_manage`; None for any other."""
    return next(iter(_groups(uid=uid, user=user, hat=hat, now=now)), None)


@compiled
def _groups(uid: UUID, user: User, hat: str, now: datetime) -> QuerySet:
    actor, same = Actor(user, hat, now), OuterRef("pk")
    visible = Group.objects.visible_to(actor).filter(uid=uid).select_related("school_year")
    return visible.annotate(
        may_write=Exists(Group.objects.writable_by(actor).filter(pk=same)),
        may_manage=Exists(Group.objects.managed_by(actor).filter(pk=same)),
    )


def writable_groups(*, user: User, hat: str, now: datetime) -> list[Group]:
    """The groups in which `user` may place a message, in reading order (POL-05, 06, 08)."""
    return _writable(user=user, hat=hat, now=now)


@compiled
def _writable(user: User, hat: str, now: datetime) -> GroupQuerySet[Group]:
    return Group.objects.writable_by(Actor(user, hat, now)).in_reading_order()


def find_managed(uid: UUID, *, user: User, now: datetime) -> Group | None:
    """A group whose people `user` sees; None for any other."""
    return next(iter(_managed_one(uid=uid, user=user, now=now)), None)


@compiled
def _managed_one(uid: UUID, user: User, now: datetime) -> GroupQuerySet[Group]:
    return Group.objects.managed_by(Actor(user, Hat.ANY, now)).filter(uid=uid)


def managed_among(groups: Sequence[Group], *, user: User, now: datetime) -> list[Group]:
    """Those of these groups whose people `user` sees, in reading order."""
    return _managed(groups=[group.pk for group in groups], user=user, now=now) if groups else []


@compiled
def _managed(groups: list[int], user: User, now: datetime) -> GroupQuerySet[Group]:
    return Group.objects.managed_by(Actor(user, Hat.ANY, now)).filter(pk__in=groups).in_reading_order()
