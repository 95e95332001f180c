"""What cases are about, fetched beside them: joined to the cases, all these kinds cost more to plan than to answer."""

from collections.abc import Sequence

from django.db.models import QuerySet

from messaging.models import Placement, Writing
from moderation.cases.models.cases import SUBJECT_KINDS, Case
from portal.core.compiled import compiled


def with_contents(cases: Sequence[Case]) -> list[Case]:
    """The same cases, each with its text or photo: one statement for the texts, one for the photos."""
    texts = [case.writing_id for case in cases if case.writing_id]
    photos = [case.photo_id for case in cases if case.photo_id]
    writings = {row.pk: row for row in _writings(keys=texts)} if texts else {}
    placements = {row.pk: row for row in _photos(keys=photos)} if photos else {}
    for case in cases:
        case.writing = writings[case.writing_id] if case.writing_id else None
        case.photo = placements[case.photo_id] if case.photo_id else None
    return list(cases)


def kinds_of(cases: Sequence[Case]) -> dict[int, str]:
    """By case of which kind is what it is about, in words; for who lists cases and shows nothing of it."""
    texts = [case.writing_id for case in cases if case.writing_id]
    kinds: dict[int | None, str] = dict(_kinds(keys=texts)) if texts else {}
    return {
        case.pk: str(SUBJECT_KINDS[kinds.get(case.writing_id) or ("photo" if case.photo_id else "person")])
        for case in cases
    }


@compiled
def _kinds(keys: list[int]) -> QuerySet[Writing, tuple[int, str]]:
    return Writing.objects.filter(pk__in=keys).values_list("pk", "kind")


@compiled
def _writings(keys: list[int]) -> QuerySet[Writing]:
    return Writing.objects.filter(pk__in=keys).select_related("group", "post__group", "thread__child")


@compiled
def _photos(keys: list[int]) -> QuerySet[Placement]:
    return Placement.objects.filter(pk__in=keys).select_related("image", "writing")
