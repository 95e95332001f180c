"""A child that would rather not be on one photo: heard by whoever teaches it, respected like a no (POL-45).

The photo is away on the next request of everybody, because the mark is read with it. What the child says in general is
kept by `consent.answers.services.reluctance`.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from groups.models import Child, Enrolment, Group
from groups.people.services.true_names import signed
from groups.records.querysets.people import ChildQuerySet
from groups.roles import Hat
from messaging.photos.models import Depiction, Image, Placement
from messaging.photos.policies import can_judge_about
from messaging.photos.services.review import SEEN, PhotoToJudge
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled


def find_on_page(group: Group, image: UUID, *, actor: Actor) -> PhotoToJudge | None:
    """A photo of this group whose people `actor` sees: shown, hidden or waiting; None for any other."""
    return next((PhotoToJudge(*row) for row in _on_page(group=group, image=image, actor=actor)), None)


@compiled
def _on_page(group: Group, image: UUID, actor: Actor) -> QuerySet:
    placed = Placement.objects.managed_by(actor.wearing(Hat.ANY)).filter(writing__group=group, image__uid=image)
    return placed.order_by("-writing__published_at", "pk").values_list(*SEEN)[:1]


def children_to_hear(group: Group, image: UUID, *, actor: Actor) -> list[Child]:
    """Who may have said it: children of the group since the photo stands there, and who is marked; no own family."""
    since = next(iter(_first_placed(group=group, image=image)), None)
    return _to_hear(group=group, image=image, since=since, actor=actor) if since else []


@compiled
def _first_placed(group: Group, image: UUID) -> QuerySet[Placement, datetime | None]:
    placed = Placement.objects.filter(writing__group=group, image__uid=image, removed_at__isnull=True)
    return placed.order_by("writing__published_at").values_list("writing__published_at", flat=True)[:1]


@compiled
def _to_hear(group: Group, image: UUID, since: datetime, actor: Actor) -> ChildQuerySet[Child]:
    stayed = Enrolment.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=since), group=group)
    marked = Depiction.objects.filter(image__uid=image, is_on=True, child__isnull=False)
    here = Q(pk__in=stayed.values("child")) | Q(pk__in=marked.values("child"))
    known = Child.objects.of_others(actor.wearing(Hat.ANY)).nameable_to(actor.wearing(Hat.ANY))
    return known.filter(here).in_name_order()


def said_about(group: Group, image: UUID, *, actor: Actor) -> list[Depiction]:
    """Which children said so about this photo of `group`, each with who wrote it down.

    No own child: it told a teacher, and not its parents.
    """
    return signed(_said(image=image, actor=actor), "said_by", school=group.school_id, now=actor.now)


@compiled
def _said(image: UUID, actor: Actor) -> QuerySet[Depiction]:
    others = Child.objects.of_others(actor.wearing(Hat.ANY))
    said = Depiction.objects.filter(image__uid=image, is_on=True, is_reluctant=True, child__in=others)
    return said.select_related("child").order_by("child__first_name", "child")


def note_on_photo(*, group: Group, image: UUID, child: Child, note: str, by: Actor) -> bool:
    """Keep that `child` is on this photo of `group` and would rather not be; whether that was new.

    Hidden at once, wherever the photo stands. Said again, what stands keeps standing. For staff who see the people of
    the group, about children who can be on it, but for the own family. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        photo = _held(group, image, child, by)
        mark = Depiction.objects.filter(image=photo, child=child).first() or Depiction(image=photo, child=child)
        if mark.is_on and mark.is_reluctant:
            return False
        mark.is_on, mark.is_reluctant, mark.note, mark.said_by, mark.said_at = True, True, note, by.user, by.now
        mark.save()
        _record("photo.rather_not", group, image, child, by)
    return True


def forget_on_photo(*, group: Group, image: UUID, child: Child, by: Actor) -> bool:
    """The child changed its mind about this photo; it stays known that it is on it. Whether that was new.

    What the family answered decides again. For whoever may write it down. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        photo = _held(group, image, child, by)
        marks = Depiction.objects.filter(image=photo, child=child, is_reluctant=True)
        changed = marks.update(is_reluctant=False, note="", said_by=by.user, said_at=by.now)
        if changed:
            _record("photo.all_right", group, image, child, by)
    return bool(changed)


def _held(group: Group, image: UUID, child: Child, by: Actor) -> Image:
    """The photo, until the end of the transaction, when `by` may speak for this child about it."""
    access.demand(can_judge_about(by, group, child))
    access.demand(find_on_page(group, image, actor=by) is not None)
    access.demand(child in children_to_hear(group, image, actor=by))
    return Image.objects.select_for_update().get(uid=image)


def _record(verb: str, group: Group, image: UUID, child: Child, by: Actor) -> None:
    audit.note(verb, group, subject_kind="group", by=by, image=str(image), person=str(child.uid))
