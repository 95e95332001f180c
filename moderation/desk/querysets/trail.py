"""Who reads the trail of a school: its directie, but for what is private and what the reader is a party in."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from groups.models import Guardianship, School
from messaging.models import Placement, Writing
from moderation.desk import domain
from moderation.desk.domain import WITHHELD
from moderation.dossier.querysets import DossierPieceQuerySet
from portal.core.actor import Actor
from portal.core.models import DossierEntry, DossierKind, User

OPEN_KINDS = {
    **{kind: model.words.trail for kind, model in Writing.kinds.items() if model.words.trail},
    "photo": Placement.words.trail,
    **domain.OPEN_KINDS,
}
"""Kinds of things whose events every directie of the school reads: what stands on a page of a group, and the rest."""


class TrailEventQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What happened at the schools `actor` directs, of the kinds that are the directie's to know.

        Not when somebody signed in or changed the own account, nor who spoke with whom or answered which consent:
        that is nobody's to follow. Not the cases and hard copies that `actor` may not open, nor measures against the
        own person, a child of one's own or who is, or was, an adult of it.
        Example: Petra sees that juf Anna hid a reply and who opened a hard copy; not that Karima signed in at 23.12,
        nor that a case about herself began.
        """
        if not actor.user.is_authenticated:
            return self.none()
        cases = School.cases.rel.related_model.objects.visible_to(actor)
        scoped = Q(subject_kind="case", subject_uid__in=cases.values("uid"))
        scoped |= Q(subject_kind="dossier", subject_uid__in=_open_copies(actor).values("uid"))
        requests = School.access_requests.rel.related_model.objects.visible_to(actor)
        scoped |= Q(subject_kind="access_request", subject_uid__in=requests.values("uid"))
        own = User.objects.filter(pk=actor.user.pk) | Guardianship.objects.own_family(actor)
        restricting = Q(verb__startswith="restriction.") & ~Q(subject_uid__in=own.values("uid"))
        schools = School.objects.directed_by(actor).values("uid")
        known = self.filter(Q(subject_kind__in=OPEN_KINDS) | scoped | restricting, school_uid__in=schools)
        return known.exclude(verb__in=WITHHELD)

    def about(self, *things: UUID) -> Self:
        """What happened to these, oldest first."""
        return self.filter(subject_uid__in=things).order_by("at", "pk")


def _open_copies(actor: Actor) -> QuerySet[DossierEntry]:
    """What `actor` reads of the dossier, and the certificates, which say nothing but that a copy is gone."""
    readable: DossierPieceQuerySet = DossierPieceQuerySet(DossierEntry).visible_to(actor)
    return DossierEntry.objects.filter(Q(pk__in=readable.values("pk")) | Q(kind=DossierKind.CERTIFICATE))
