"""What is asked, held while somebody answers it; and the own children whom it is about."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from groups.models import Child, Enrolment
from messaging.asks.domain import fingerprint_of, is_counted_once
from messaging.asks.services.closing import is_over
from messaging.asks.services.together import first_of
from messaging.writings.domain.text import content_in
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.domain.moments import school_day


class AskedOtherwiseError(PermissionDenied):
    """What is asked changed while somebody answered, or the time to answer is over: nothing was kept."""


def hold_together(post: Post) -> None:
    """All of what was written together, or this one, until the end of the transaction.

    In the order in which whoever answers holds it: else both wait for ever.
    """
    list(Post.objects.select_for_update().together_with(post).order_by("pk").values_list("pk"))


def held(post: Post, *, ask_on: date, fingerprint: str = "", by: Actor) -> tuple[list[Post], Post]:
    """The messages that ask this of `by`, held until the end of the transaction, and `post` as it is now among them.

    Where it counts once for all groups the first of all is held too, and before the others, so that who answers from
    one group and who answers from another wait for each other. Raises `AskedOtherwiseError` when it is about another
    day than `ask_on` by now, offers something else than the page with this `fingerprint` did, or too late.
    """
    asking = Post.objects.asking(by, today=school_day(by.now)).together_with(post)
    wanted = Q(pk__in=asking.values("pk"))
    once = is_counted_once(content_in(vars(post)))
    if once:
        wanted |= Q(pk=first_of(post).pk)
    rows = list(Post.objects.select_for_update().filter(wanted).order_by("pk"))
    mine = set(asking.values_list("pk", flat=True)) if once else {one.pk for one in rows}
    posts = [one for one in rows if one.pk in mine]
    current = next((one for one in posts if one.pk == post.pk), None)
    if current is None or current.ask_on != ask_on or is_over(current, now=by.now):
        raise AskedOtherwiseError
    if fingerprint not in ("", fingerprint_of(current)):
        raise AskedOtherwiseError
    return posts, current


def children_in(posts: Sequence[Post], children: Collection[UUID] | None, *, by: Actor) -> list[Enrolment]:
    """The own children in these groups about whom one talks with school."""
    own = Child.objects.cared_for_by(by)
    own = own if children is None else own.filter(uid__in=children)
    enrolments = Enrolment.objects.active(now=by.now).filter(child__in=own, group__in=[one.group_id for one in posts])
    return list(enrolments.order_by("pk"))
