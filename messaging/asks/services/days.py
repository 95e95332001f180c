"""What messages ask about a day, for the agenda: whoever may read the message finds that day there."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from agenda.planning.domain import Dated
from messaging.writings.models import Post
from messaging.writings.services.names import agenda_words_of
from portal.core.actor import Actor

ASK = "ask"
PAGE = "messaging:post"


def days_asked_about(actor: Actor, first: date, last: date, leaves: bool) -> Iterator[Dated]:
    """Each ask with a day among these, once for all the groups it was written to; with its words where it `leaves`."""
    together: dict[UUID, list[Post]] = {}
    for post in Post.objects.asking_between(actor, first, last).order_by("ask_on", "pk"):
        together.setdefault(post.together_key, []).append(post)
    said = agenda_words_of([posts[0] for posts in together.values()]) if leaves else {}
    for uid, posts in together.items():
        post = posts[0]
        if post.ask_on:
            yield Dated(
                ASK,
                post.uid,
                post.title,
                post.ask_on,
                post.ask_on,
                post.begins_at,
                place=post.venue,
                language=post.language,
                groups=frozenset(one.group_id for one in posts if one.group_id),
                page=PAGE,
                known_as=uid,
                school_key=post.school_id,
                version=max(one.version for one in posts),
                touched_at=max(one.edited_at or one.placed_at for one in posts),
                said=said.get(post.pk),
                instead=_("A message in Kring"),
            )
