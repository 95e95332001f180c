"""A group as one reader finds its page. Writes nothing."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from groups.records.models.schools import Group
from groups.records.querysets.schools import GroupQuerySet
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.compiled import compiled


def find_group(uid: UUID, *, actor: Actor) -> Group | None:
    """A group whose page `actor` may open, with its year, and `may_write` and `may_manage`; None for any other."""
    return next(iter(_groups(uid=uid, actor=actor)), None)


@compiled
def _groups(uid: UUID, actor: Actor) -> QuerySet:
    actor, same = actor, OuterRef("pk")
    visible = Group.objects.visible_to(actor).filter(uid=uid).select_related("school_year")
    return visible.annotate(
        may_write=Exists(Group.objects.writable_by(actor).filter(pk=same)),
        may_manage=Exists(Group.objects.managed_by(actor).filter(pk=same)),
    )


def writable_groups(*, actor: Actor) -> list[Group]:
    """The groups in which `actor` may place a message, in reading order (POL-05, 06, 08)."""
    return _writable(actor=actor)


@compiled
def _writable(actor: Actor) -> GroupQuerySet[Group]:
    return Group.objects.writable_by(actor).select_related("school").in_reading_order()


def find_managed(uid: UUID, *, actor: Actor) -> Group | None:
    """A group whose people `actor` sees; None for any other."""
    return next(iter(_managed_one(uid=uid, actor=actor)), None)


@compiled
def _managed_one(uid: UUID, actor: Actor) -> GroupQuerySet[Group]:
    return Group.objects.managed_by(actor.wearing(Hat.ANY)).filter(uid=uid)


def managed_among(groups: Sequence[Group], *, actor: Actor) -> list[Group]:
    """Those of these groups whose people `actor` sees, in reading order."""
    return _managed(groups=[group.pk for group in groups], actor=actor) if groups else []


@compiled
def _managed(groups: list[int], actor: Actor) -> GroupQuerySet[Group]:
    return Group.objects.managed_by(actor.wearing(Hat.ANY)).filter(pk__in=groups).in_reading_order()
