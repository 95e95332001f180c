"""Who handles which case: never a party to it (W8, W18)."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q

from groups.models import Group, Guardianship, School, StaffAssignment
from groups.roles import MODERATE, Hat, Role
from portal.core.actor import Actor
from portal.core.kept import kept


class LedQuerySet(models.QuerySet):
    """Rows about somebody at a school, handled by its directie or in its place, and never by a party."""

    @kept
    def led_by(self, actor: Actor) -> Self:
        """What `user` handles as the directie, or as the foundation's case officer in its place.

        In its place: where the directie is a party, and where nobody of it is left to handle the case: everybody left,
        was barred, or became a party since it began. No case stays without somebody.
        """
        if not actor.user.is_authenticated:
            return self.none()
        return self.filter(_led(actor)).exclude(pk__in=self.concerning(actor))

    def left_behind(self, *, now: datetime) -> Self:
        """What the directie began to handle and of which nobody there can handle it any more."""
        return self.filter(_left_behind(now), against_directie=False)

    def concerning(self, actor: Actor) -> Any:
        """Keys of those in which `user` is a party: the own words or person, the own child, or who brings it up too."""
        own = Guardianship.objects.active(now=actor.now).filter(caregiver__user=actor.user.pk)
        kin = Guardianship.objects.active(now=actor.now).filter(
            child__in=own.values("child"), caregiver__user=OuterRef("about")
        )
        mine = Q(about=actor.user.pk) | Q(side="family") & Q(models.Exists(kin)) | Q(child__in=own.values("child"))
        return self.model.objects.filter(mine).values("pk")


class CaseQuerySet(LedQuerySet):
    @kept
    def visible_to(self, actor: Actor) -> Self:
        """Cases that `user` handles: of the directie's school, and of what the user moderates about families.

        Never one about the own words, the own person or the own child. A case against the directie is the foundation's
        case officer's, and so is one that the directie left behind: see `led_by`. Who moderates the group sees what was
        told to the teacher, and not what somebody told to the directie alone. Example: a reply of Said in groep 4 is
        handled by juf Anna or by Petra; a message of juf Anna by Petra; one of Petra by the case officer.
        """
        if not actor.user.is_authenticated:
            return self.none()
        moderated = Group.objects.permitting(actor.wearing(Hat.STAFF), MODERATE)
        told = self.model.reports.rel.related_model.objects.filter(case=OuterRef("pk"), to_teacher=True)
        in_class = Q(against_directie=False, side="family", group__in=moderated) & Q(models.Exists(told))
        return self.filter(in_class | _led(actor)).exclude(pk__in=self.concerning(actor))

    def open(self) -> Self:
        """Not handled yet."""
        return self.filter(state="open")

    def with_reports_counted(self) -> Self:
        """Annotates `told`: how many people reported it."""
        return self.annotate(told=models.Count("reports", distinct=True))

    def oldest_first(self) -> Self:
        return self.order_by("opened_at", "pk")


def _led(actor: Actor) -> Q:
    directed = School.objects.directed_by(actor)
    overseen = School.objects.overseen_by(actor)
    in_its_place = Q(against_directie=True) | _left_behind(actor.now)
    return Q(against_directie=False, school__in=directed) | Q(school__in=overseen) & in_its_place


def _left_behind(now: datetime) -> Q:
    """Nobody of the directie is without a part in it and free to act; the same parts as in `concerning`."""
    someone, case = OuterRef("staff__user"), lambda name: OuterRef(OuterRef(name))
    barred = School.restrictions.rel.related_model.objects.against(someone, now=now).filter(school=OuterRef("school"))
    own = Guardianship.objects.active(now=now).filter(caregiver__user=someone)
    theirs = Guardianship.objects.active(now=now).filter(caregiver__user=OuterRef(case("about")))
    free = StaffAssignment.objects.active(now=now).filter(
        ~models.Exists(barred),
        ~models.Exists(own.filter(child=case("child"))),
        school=OuterRef("school"),
        group__isnull=True,
        role=Role.DIRECTIE,
        staff__user__is_active=True,
    )
    free = free.exclude(staff__user=OuterRef("about"))
    no_kin = free.filter(~models.Exists(own.filter(child__in=theirs.values("child"))))
    return ~models.Exists(free) | Q(side="family") & ~models.Exists(no_kin)


class OfCaseQuerySet(models.QuerySet):
    @kept
    def visible_to(self, actor: Actor) -> Self:
        """Measures and letters of the cases that `user` handles; nobody else's, and never the own."""
        cases = self.model.case.field.related_model.objects.visible_to(actor)
        return self.filter(case__in=cases)


class ReportQuerySet(models.QuerySet):
    def made_by(self, user: Any) -> Self:
        """The own reports: what happens next, and that it was handled (not what was done)."""
        return self.filter(reporter=user.pk)

    @kept
    def visible_to(self, actor: Actor) -> Self:
        """Reports of the cases that `user` handles; what was told to the directie alone stays with the directie."""
        cases = self.model.case.field.related_model.objects.visible_to(actor)
        directed = School.objects.directed_by(actor) | School.objects.overseen_by(actor)
        return self.filter(Q(to_teacher=True) | Q(case__school__in=directed), case__in=cases)


class KindNoteQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Words of school to `user`; nobody else reads them."""
        return self.filter(to=actor.user.pk)
