"""What cases are about, fetched beside them: joined to the cases, all these kinds cost more to plan than to answer."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from messaging.models import Message, Placement, Post, Reply
from moderation.models import Case
from portal.core.compiled import compiled

KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "post": (Post, ("group",)),
    "reply": (Reply, ("post__group",)),
    "message": (Message, ("thread__child",)),
    "photo": (Placement, ("image", "post", "message")),
}


def with_contents(cases: Sequence[Case]) -> list[Case]:
    """The same cases, each with its text or photo: one statement for each kind that is among them."""
    for kind in KINDS:
        about = [case for case in cases if case.kind == kind]
        keys = [getattr(case, f"{kind}_id") for case in about]
        contents = {row.pk: row for row in _contents(kind=kind, keys=keys)} if keys else {}
        for case in about:
            setattr(case, kind, contents.get(getattr(case, f"{kind}_id")))
    return list(cases)


@compiled
def _contents(kind: str, keys: list[int]) -> QuerySet:
    model, related = KINDS[kind]
    return model.objects.filter(pk__in=keys).select_related(*related)
