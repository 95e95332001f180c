"""Who handles which case: never a party to it (W8, W18)."""

from datetime import datetime
from typing import Self

from django.contrib.auth import get_permission_codename
from django.db import models
from django.db.models import Case, CharField, Exists, Min, Model, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from groups.models import Restriction
from groups.roles import Hat
from portal.core.access import GrantQuerySet
from portal.core.actor import Actor
from portal.core.looking import there_is
from portal.core.models import User


def permission(right: str, model: type[Model]) -> str:
    """How the right to view, lead, stand in or review is called on cases, and on requests for access."""
    return f"{model._meta.app_label}.{get_permission_codename(right, model._meta)}"


def held(model: type[models.Model], actor: Actor, *rights: str) -> models.QuerySet:
    """The rows on which `actor` has one of these rights, whichever hat is worn."""
    grants: GrantQuerySet = model.grants.rel.related_model.objects
    wanted = [permission(right, model) for right in rights]
    return grants.held_by(actor.wearing(Hat.STAFF), *wanted).values("content_object")


def of_directie(model: type[models.Model], actor: Actor, column: str) -> Q:
    """Rows of the cases that `actor` leads or stands in for: there nothing is kept back that a teacher was not told."""
    return Q(**{f"{column}__in": held(model, actor, "lead", "stand_in")})


class LedQuerySet(models.QuerySet):
    """Rows about somebody at a school, handled by its directie or in its place, and never by a party."""

    def led_by(self, actor: Actor) -> Self:
        """What `actor` handles as the directie, or as the foundation's case officer in its place.

        In its place: where the directie is a party, and where nobody of it is left to handle the case: everybody left,
        was barred, became a party since it began, or has a closed account. No case stays without somebody.
        """
        return self.filter(self._leading(actor))

    def left_behind(self, *, now: datetime) -> Self:
        """What the directie began to handle and of which nobody there can handle it any more."""
        return self.filter(self._unled(now), against_directie=False)

    def _leading(self, actor: Actor, *others: str) -> Q:
        """What `actor` handles, or has one of these other rights on.

        Some of the rights first, so that the database goes through these rows and not through those of every school.
        """
        some = Q(pk__in=held(self.model, actor, "lead", "stand_in", *others))
        return some & (Q(pk__in=held(self.model, actor, "lead", *others)) | self._unled(actor.now))

    def _unled(self, now: datetime) -> Q:
        leading = self.model.grants.rel.related_model.objects.in_force(permission("lead", self.model), now=now)
        return ~there_is(leading.filter(content_object=OuterRef("pk")))


class CaseQuerySet(LedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Cases that `actor` handles: of the directie's school, and of what `actor` moderates about families.

        Never one about the own words, the own person or the own child. A case against the directie is the foundation's
        case officer's, and so is one that the directie left behind: see `led_by`. Who moderates the group sees what was
        told to the teacher, and not what somebody told to the directie alone. Example: a reply of Said in groep 4 is
        handled by juf Anna or by Petra; a message of juf Anna by Petra; one of Petra by the case officer.
        """
        return self.filter(self._leading(actor, "view"))

    def with_leading_for(self, actor: Actor) -> Self:
        """Annotates may_lead (`led_by`) and directs: whether `actor` directs the school of the case."""
        same = OuterRef("pk")
        directed = self.model.school.field.related_model.objects.directed_by(actor)
        return self.annotate(
            may_lead=Exists(self.model.objects.led_by(actor).filter(pk=same)),
            directs=Exists(directed.filter(pk=OuterRef("school"))),
        )

    def with_what_is_there(self) -> Self:
        """Annotates has_photos, has_measures, has_letters and has_notes: most cases have none, and nobody asks then."""
        photos = self.model.photo.field.related_model.objects.filter(writing=OuterRef("writing"))
        done = {name: getattr(self.model, name).rel.related_model.objects for name in ("measures", "letters", "notes")}
        there = {f"has_{name}": Exists(rows.filter(case=OuterRef("pk"))) for name, rows in done.items()}
        return self.annotate(has_photos=Exists(photos), **there)

    def with_about_kind(self) -> Self:
        """Annotates about_kind: which kind of text it is about, else "photo" or "person"."""
        texts = self.model.writing.field.related_model.objects.filter(pk=OuterRef("writing")).values("kind")
        written = When(writing__isnull=False, then=Subquery(texts))
        photos = When(photo__isnull=False, then=Value("photo"))
        return self.annotate(about_kind=Case(written, photos, default=Value("person"), output_field=CharField()))

    def with_told(self, actor: Actor) -> Self:
        """Annotates told_at and told_version: when the first report came that `actor` reads, and of which version.

        Whoever handles a case reads and orders it by these, so that nothing tells when somebody turned to the directie
        alone. Example: told to the directie at ten and to juf Anna too at five, for Anna it is of five o'clock.
        """
        told = self.model.reports.rel.related_model.objects.told_to(actor).filter(case=OuterRef("pk"))
        of_case = told.order_by().values("case")
        return self.annotate(
            told_at=Coalesce(Subquery(of_case.annotate(first=Min("reported_at")).values("first")), "opened_at"),
            told_version=Subquery(of_case.annotate(first=Min("version")).values("first")),
        )

    def read_at(self, actor: Actor, moment: str) -> Self:
        """Cases of which `actor` reads what was done at a moment, in a column of the row this stands beside.

        Who leads one or stands in reads all of it; a teacher what was done since somebody told the teacher. Example:
        told to the directie at ten and to juf Anna too at five, the talk of noon is the directie's alone.
        """
        reports = self.model.reports.rel.related_model.objects
        told = reports.filter(case=OuterRef("pk"), to_teacher=True, reported_at__lte=OuterRef(OuterRef(moment)))
        return self.visible_to(actor).filter(of_directie(self.model, actor, "pk") | Q(Exists(told)))

    def open(self) -> Self:
        """Not handled yet."""
        return self.filter(state="open")

    def oldest_first(self) -> Self:
        """By what `with_told` annotates."""
        return self.order_by("told_at", "pk")


class OfCaseQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What was done in the cases that `actor` handles, since `read_at`; nobody else's, and never the own."""
        cases = self.model.case.field.related_model.objects.read_at(actor, self.model.done_at)
        return self.filter(Exists(cases.filter(pk=OuterRef("case"))))


class MeasureQuerySet(OfCaseQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """As of everything in a case; what went outside the school only for who leads it or stands in."""
        led = of_directie(self.model.case.field.related_model, actor, "case")
        return super().visible_to(actor).filter(~Q(kind__in=self.model.outside) | led)

    def with_replaced(self) -> Self:
        """Annotates is_replaced: a limit that a newer one took the place of, before its day and not given back."""
        given_back = self.model.objects.filter(
            kind="restored", case=OuterRef(OuterRef("case")), decided_at=OuterRef("valid_until")
        )
        limits = Restriction.objects.filter(case_uid=OuterRef("case__uid"), valid_from=OuterRef("decided_at"))
        early = limits.filter(ended_by__isnull=False, valid_until__lt=OuterRef("until"))
        return self.annotate(is_replaced=Exists(early.filter(~Exists(given_back))))


class ReportQuerySet(models.QuerySet):
    def made_by(self, user: User) -> Self:
        """The own reports: what happens next, and that it was handled (not what was done)."""
        return self.filter(reporter=user.pk)

    def visible_to(self, actor: Actor) -> Self:
        """Reports of the cases that `actor` handles; what was told to the directie alone stays with the directie."""
        return self.told_to(actor).filter(case__in=self.model.case.field.related_model.objects.visible_to(actor))

    def told_to(self, actor: Actor) -> Self:
        """Of cases that `actor` handles as it is: all but what was told to the directie alone."""
        return self.filter(Q(to_teacher=True) | of_directie(self.model.case.field.related_model, actor, "case"))
