"""Drafts that ask for a look, on the desk of who judges them."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import GroupGrant
from groups.roles import PUBLISH, Hat
from messaging.handins.models import Handin
from messaging.handins.querysets import HandinQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> HandinQuerySet[Handin]:
    return Handin.objects.waiting_for(actor)


def _waits(actor: Actor) -> HandinQuerySet[Handin]:
    """At the schools where `actor` places messages, whoever judges it."""
    schools = GroupGrant.objects.schools_of(actor.wearing(Hat.STAFF), PUBLISH)
    return Handin.objects.waiting().filter(school__in=schools)


def _lines(rows: Sequence[Handin], actor: Actor) -> Mapping[int, Line]:
    return {
        draft.pk: Line(
            _("%(name)s: “%(title)s”") % {"name": draft.post.author_name, "title": draft.post.title},
            _("for %(group)s") % {"group": midway(draft.post.group.name)},
            gettext_lazy("Read it"),
            address("messaging:handin", Hat.STAFF, draft.uid),
            draft.post.group.school.name,
        )
        for draft in rows
    }


_READ = Excerpt(Handin, "uid", "post__author_name", "post__title", "post__group__name", "post__group__school__name")
QUEUES = (Queue("drafts", "pencil", _rows, _READ, _lines, since="changed_at", some=_waits),)
