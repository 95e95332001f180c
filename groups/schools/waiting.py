"""Mail of a school that does not arrive, on the desk of who keeps its details."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy, ngettext

from groups.records.addresses import DESK
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import School
from groups.records.querysets.schools import SchoolQuerySet
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.addresses import address_of
from portal.core.excerpts import Excerpt
from portal.core.models import OutboxItem
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> SchoolQuerySet[School]:
    """Schools with people whose last mail was refused."""
    refused = _refused(actor)
    rows: SchoolQuerySet[School] = School.objects.configured_by(actor)
    since = _of_school(refused, first=Min("settled_at"))
    accounts = _of_school(refused.filter(recipient__isnull=False), people=Count("recipient", distinct=True))
    addresses = _of_school(refused.filter(recipient=None), people=Count("address", distinct=True))
    people = Coalesce(accounts, 0) + Coalesce(addresses, 0)
    return rows.annotate(refused_since=since, people=people).filter(uid__in=refused.values("school_uid"))


def _refused(actor: Actor) -> QuerySet[OutboxItem]:
    """To accounts, and to the address in the roster of who is not in yet; not to an address of before."""
    record = Q(user=None, email=OuterRef("address"), school__uid=OuterRef("school_uid"))
    parents, staff = Caregiver.objects.filter(record), StaffMember.objects.filter(record)
    rows = outbox.refused(now=actor.now)
    return rows.filter(Q(recipient__isnull=False) | Exists(parents) | Exists(staff))


def _failed(actor: Actor) -> QuerySet[OutboxItem]:
    """Mail of any school."""
    return outbox.failed(now=actor.now)


def _of_school(refused: QuerySet, **asked: Count | Min) -> Subquery:
    counted = refused.filter(school_uid=OuterRef("uid")).order_by().values("school_uid").annotate(**asked)
    return Subquery(counted.values(*asked))


def _lines(rows: Sequence[Any], actor: Actor) -> Mapping[int, Line]:
    return {
        school.pk: Line(
            ngettext("E-mail does not reach %(count)s person", "E-mail does not reach %(count)s people", school.people)
            % {"count": school.people},
            "",
            gettext_lazy("Look"),
            f"{address_of(DESK)}#mail-status",
            school.name,
        )
        for school in rows
    }


QUEUES = (Queue("mail", "mail", _rows, Excerpt(School, "name", "people"), _lines, since="refused_since", some=_failed),)
