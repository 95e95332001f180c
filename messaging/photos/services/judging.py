"""What somebody who looked says about photos after a no: who is on them, who is not, and what is taken out."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from groups.models import Child, Group
from messaging.photos.models import Depiction, Image, Placement
from messaging.photos.policies import can_judge_about, can_review
from messaging.writings.services.telling import tell_writer
from portal.core import access, audit
from portal.core.actor import Actor


class Judged(NamedTuple):
    """How many photos stay away with the child on them, and how many are shown again."""

    on: int
    back: int


def judge_photos(*, group: Group, child: Child, looked_at: Collection[UUID], on: Collection[UUID], by: Actor) -> Judged:
    """Keep that `child` is on the photos `on`, and on no other of those that were `looked_at` (POL-44, 45).

    For staff who see the people of the group, about photos in its posts, but for the own family. Having seen the child
    always counts; not having seen it only where nobody said anything yet: of two who look at once, who saw it wins, and
    an old form brings nothing back. Repeatable. Raises `PermissionDenied`.
    """
    access.demand(can_judge_about(by, group, child))
    here = Placement.objects.filter(writing__group=group, removed_at__isnull=True)
    with transaction.atomic():
        seen = _locked(here.filter(image__uid__in=on))
        hits = [image for image in seen if _mark(image, child, by=by)]
        doubtful = here.doubtful_for(by, about=child).filter(image__uid__in=looked_at)
        rest = _locked(doubtful.exclude(image__uid__in=on))
        Depiction.objects.bulk_create(
            [Depiction(image=image, child=child, is_on=False, said_by=by.user, said_at=by.now) for image in rest],
            ignore_conflicts=True,
        )
        if hits or rest:
            audit.note(
                "photos.judged",
                group,
                subject_kind="group",
                by=by,
                person=str(child.uid),
                on=len(hits),
                not_on=len(rest),
            )
    back = (
        here.shown(schools=[group.school_id], now=by.now).filter(image__in=rest).values("image").distinct().count()
        if rest
        else 0
    )
    return Judged(len(seen), back)


def deny_depiction(*, group: Group, image: UUID, person: UUID, by: Actor) -> bool:
    """Keep that a child or adult who was marked on a photo is not on it, and who said so; whether that was new.

    Only where marks keep the photo away now, and not about the own family. Raises `PermissionDenied`.
    """
    access.demand(can_review(by, group))
    about = Child.objects.filter(uid=person).first()
    access.demand(about is None or can_judge_about(by, group, about))
    with transaction.atomic():
        barred = Placement.objects.filter(writing__group=group, image__uid=image).barred_for(by)
        images = list(barred.values_list("image", flat=True))
        marks = Depiction.objects.filter(Q(child__uid=person) | Q(adult__uid=person), image__in=images)
        changed = marks.filter(is_on=True).update(is_on=False, said_by=by.user, said_at=by.now)
        if changed:
            audit.note("photo.denied", group, subject_kind="group", by=by, image=str(image), person=str(person))
    return bool(changed)


def remove_photo(*, group: Group, image: UUID, by: Actor) -> bool:
    """Take a photo that has to be judged out of the posts of the group; its row stays. Whether it was still there.

    Who placed it is told. Raises `PermissionDenied`.
    """
    access.demand(can_review(by, group))
    with transaction.atomic():
        judged = Placement.objects.under_review_by(by).filter(writing__group=group, image__uid=image)
        here = list(judged.select_related("writing__author", "writing__school"))
        removed = Placement.objects.filter(pk__in=[one.pk for one in here]).update(removed_at=by.now)
        for one in here:
            tell_writer("photo_out", one.writing, by=by)
        if removed:
            audit.note("photo.removed", group, subject_kind="group", by=by, image=str(image), posts=removed)
    return bool(removed)


def _locked(placements: QuerySet) -> list[Image]:
    """Their photos, held until the end of the transaction: two who look at the same photo come one after the other."""
    return list(Image.objects.select_for_update().filter(pk__in=placements.values("image")).order_by("pk"))


def _mark(image: Image, child: Child, *, by: Actor) -> bool:
    """Say that the child is on it; False when that was said already."""
    values = {"is_on": True, "said_by": by.user, "said_at": by.now}
    mark, is_new = Depiction.objects.get_or_create(image=image, child=child, defaults=values)
    if is_new or mark.is_on:
        return is_new
    return bool(Depiction.objects.filter(pk=mark.pk).update(**values))
