"""What cases are about, fetched beside them: joined to the cases, all these kinds cost more to plan than to answer."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from messaging.models import Placement, Writing, WritingState
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


class Short(NamedTuple):
    """What a case is about, for who lists cases and shows nothing of it: its kind in words, and whether it is hidden.

    Of a photo it is the text in which it stands that may be.
    """

    what: str
    is_hidden: bool


def shorts_of(cases: Sequence[Case]) -> dict[int, Short]:
    """By case."""
    texts = [case.writing_id for case in cases if case.writing_id]
    photos = [case.photo_id for case in cases if case.photo_id]
    found: dict[tuple[str, int | None], tuple[str, str]] = {}
    found |= {("text", pk): (kind, state) for pk, kind, state in _kinds(keys=texts)} if texts else {}
    found |= {("photo", pk): ("photo", state) for pk, state in _states(keys=photos)} if photos else {}
    shorts = {}
    for case in cases:
        kind, state = found.get(("text", case.writing_id)) or found.get(("photo", case.photo_id)) or ("person", "")
        shorts[case.pk] = Short(str(SUBJECT_KINDS[kind]), state == WritingState.HIDDEN)
    return shorts


@compiled
def _kinds(keys: list[int]) -> QuerySet[Writing, tuple[int, str, str]]:
    return Writing.objects.filter(pk__in=keys).values_list("pk", "kind", "state")


@compiled
def _states(keys: list[int]) -> QuerySet[Placement, tuple[int, str]]:
    return Placement.objects.filter(pk__in=keys).values_list("pk", "writing__state")


@compiled
def _writings(keys: list[int]) -> QuerySet[Writing]:
    return Writing.objects.filter(pk__in=keys).select_related("group", "post__group", "thread__child")


@compiled
def _photos(keys: list[int]) -> QuerySet[Placement]:
    return Placement.objects.filter(pk__in=keys).select_related("image", "writing")
