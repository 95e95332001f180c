"""Whose adult somebody is."""

from datetime import datetime
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import BigIntegerField, Exists, F, FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from groups import roles
from groups.records.domain.levels import ADMITTED, CONTACT_BAN, TALKING, WITH_AUTHORITY
from groups.records.querysets.people import CaregiverQuerySet, keys_meaning
from groups.records.querysets.periods import PeriodQuerySet, active_at
from portal.core.actor import Actor
from portal.core.models import User


def with_family(rows: models.QuerySet, *, child: str = "child__", now: datetime) -> models.QuerySet:
    """These rows, each with the number of the `family` of its child (`ChildFamily`); alone a child is one by itself.

    `child` is the path from a row to its child: "" where the rows are children.
    """
    families = f"{child}families"
    of_family = FilteredRelation(families, condition=active_at(now, f"{families}__"))
    alone = Value(0) - F(f"{child}pk")
    family = Coalesce("of_family__number", alone, output_field=BigIntegerField())
    found: models.QuerySet = rows.alias(of_family=of_family).annotate(family=family)
    return found


class GuardianshipQuerySet(PeriodQuerySet):
    def admitted(self) -> Self:
        """Levels that let somebody read: with authority, caring daily, or admitted as a reader (POL-02, 03)."""
        return self.filter(level__in=ADMITTED)

    def talking(self) -> Self:
        """Levels that talk with school about the child: with authority, or caring for it daily (POL-02, 09)."""
        return self.filter(level__in=TALKING)

    def deciding(self) -> Self:
        """The level that decides about the child: with authority, and no other (POL-02, 09)."""
        return self.filter(level=WITH_AUTHORITY)

    def kept_apart(self, *, now: datetime) -> Q:
        """Of a row with a `child`: whether a contact ban or a shield stands around that child at `now` (POL-30)."""
        banned = self.filter(level=CONTACT_BAN, child=OuterRef("child")).active(now=now)
        shields = self.model.child.field.related_model.shields.rel.related_model.objects.active(now=now)
        return Q(Exists(banned)) | Q(Exists(shields.filter(child=OuterRef("child"))))

    def making_families(self) -> Self:
        """Who ties children to one another: with authority, and no guardian (voogd), who has it for an institution."""
        return self.deciding().exclude(relation="voogd")

    def visible_to(self, actor: Actor) -> Self:
        """What the directie of the child's school may see and decide; the other parent never (POL-30)."""
        schools = self.model.child.field.related_model.school.field.related_model.objects
        return self.filter(child__school__in=schools.keys_of(actor, roles.DIRECT))

    def of_pair(self, guardianship: Any) -> Self:
        """Every row there ever was for this adult and this child: the open one first, then the newest."""
        rows = self.filter(caregiver=guardianship.caregiver_id, child=guardianship.child_id)
        return rows.order_by(models.F("valid_until").desc(nulls_first=True), "-valid_from", "-pk")

    def outside_family_of(self, actor: Actor) -> Self:
        """Rows that are not about `actor` nor about a child of `actor`: the only ones they may decide about.

        Also while `actor` did not come in as a parent yet: whom the list means says the proved address.
        """
        return self.exclude(caregiver__in=self._records_of(actor)).exclude(child__in=self._children_of(actor))

    def of_people(self, users: models.QuerySet | OuterRef) -> Self:
        """Rows whose adult is one of these accounts, as `keys_meaning` says it of one: claimed, or nobody's yet with an
        address that the account proved. For rows of a child, or of few: an "or" reads all of them.
        """
        addresses = EmailAddress.objects.filter(verified=True)
        if isinstance(users, OuterRef):
            claimed, proved = Q(caregiver__user=users), addresses.filter(user=OuterRef(users))
        else:
            claimed, proved = Q(caregiver__user__in=users), addresses.filter(user__in=users)
        return self.filter(claimed | Q(caregiver__user__isnull=True, caregiver__email__in=proved.values("email")))

    def with_children_of(self, actor: Actor) -> Self:
        """Of everybody who is, or was, an adult of a child of `actor`: `actor` too."""
        return self.filter(child__in=self._children_of(actor))

    def own_family(self, actor: Actor) -> models.QuerySet[User]:
        """The accounts of everybody who is, or was, an adult of a child of `actor`, and of these children."""
        family = self.with_children_of(actor)
        adults = family.filter(caregiver__user__isnull=False).values("caregiver__user")
        return User.objects.filter(Q(pk__in=adults) | Q(child__in=family.values("child")))

    def _children_of(self, actor: Actor) -> models.QuerySet:
        rows: Self = self.model._default_manager.unended(now=actor.now)
        return rows.filter(caregiver__in=self._records_of(actor)).values("child")

    def _records_of(self, actor: Actor) -> models.QuerySet:
        caregivers: CaregiverQuerySet = self.model.caregiver.field.related_model.objects.all()
        return keys_meaning(caregivers, actor)
