"""Who finds which hard copies: the directie of the school, and the case officer where a directie wrote it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from groups.models import School, StaffAssignment
from groups.roles import Role
from messaging.models import Placement, Writing
from portal.core.actor import Actor
from portal.core.models import DossierEntry, DossierKind, DossierPayload, User
from portal.core.searching import holding

READING_TIME = timedelta(minutes=30)
MOST_WORDS = 6
LONGEST_NUMBER = 10
SOUGHT = ("group__name", "post__group__name", "author_name", "author__name")
"""Where a word is looked for: in a text's place and its writer; what it said is sealed, and read with a reason."""


class DossierPieceQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Hard copies of the schools `actor` directs; where somebody of that directie is a party, the case officer's.

        That is what a directie wrote, and what stood in a case against it: of the own partner, about the own child.
        Example: Petra reads the copies of De Linde, but not of her own message: the foundation's case officer does,
        who reads no other. Nobody of De Berk finds any of them (W18).
        """
        return self.filter(_readable_by(actor))

    def of_school(self, school: School) -> Self:
        return self.filter(school_uid=school.uid)

    def written_by(self, user: User, hat: str) -> Self:
        """Copies of what `user` wrote in this hat, or of a photo in it."""
        photos = Placement.objects.filter(writing__author=user.pk, writing__hat=hat, dossier_entry=OuterRef("pk"))
        texts = Writing.objects.filter(author=user.pk, hat=hat, dossier_entry=OuterRef("pk"))
        return self.filter(Q(Exists(photos)) | Q(Exists(texts)))

    def about(self, sought: str) -> Self:
        """Copies of what each of these words is about: its group, who wrote it, its number or why it was removed.

        What it said finds nothing: nobody guesses, without a trace, what is sealed or was destroyed by two. Nor does
        the child of a conversation: the case officer reads no name of one. Example: "groep 7 kwetsend".
        """
        rows = self
        for word in sought.split()[:MOST_WORDS]:
            in_words = holding(word, SOUGHT)
            texts = Writing.objects.filter(in_words, dossier_entry=OuterRef("pk"))
            around_photo = Writing.objects.filter(in_words, pk=OuterRef("writing"))
            photos = Placement.objects.filter(Exists(around_photo), dossier_entry=OuterRef("pk"))
            number = Q(number=int(word)) if word.isascii() and word.isdigit() and len(word) < LONGEST_NUMBER else Q()
            matches = Q(Exists(texts)) | Q(Exists(photos)) | Q(reason__icontains=word)
            rows = rows.filter(matches | number if number else matches)
        return rows

    def with_copy(self) -> Self:
        """Those of which the copy was not destroyed."""
        return self.filter(Exists(DossierPayload.objects.filter(entry=OuterRef("pk"))))

    def with_copy_told(self) -> Self:
        """Annotates has_copy: False once it was destroyed."""
        return self.annotate(has_copy=Exists(DossierPayload.objects.filter(entry=OuterRef("pk"))))

    def newest_first(self) -> Self:
        return self.order_by("-number")


def _readable_by(actor: Actor) -> Q:
    directed = School.objects.directed_by(actor).values("uid")
    overseen = School.objects.overseen_by(actor).values("uid")
    theirs = _of_directie() | _in_case_against_directie()
    handled = Q(school_uid__in=directed) & ~theirs | Q(school_uid__in=overseen) & theirs
    return handled & Q(kind=DossierKind.REMOVAL)


def _of_directie() -> Q:
    """Copies of what somebody wrote who was on the school's directie when it was removed."""
    directie = StaffAssignment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=OuterRef("dossier_entry__sealed_at")),
        role=Role.DIRECTIE,
        group__isnull=True,
        school=OuterRef("school"),
        staff__user=OuterRef("writer"),
        valid_from__lte=OuterRef("dossier_entry__sealed_at"),
    )
    texts = Writing.objects.filter(dossier_entry=OuterRef("pk")).alias(writer=F("author"))
    photos = Placement.objects.filter(dossier_entry=OuterRef("pk")).alias(writer=F("writing__author"))
    return Q(Exists(texts.filter(Exists(directie)))) | Q(Exists(photos.filter(Exists(directie))))


def _in_case_against_directie() -> Q:
    """Copies of what a case was about in which somebody of the directie was a party from the start."""
    cases = School.cases.rel.related_model.objects.filter(against_directie=True)
    texts = cases.filter(writing__dossier_entry=OuterRef("pk"))
    return Q(Exists(texts)) | Q(Exists(cases.filter(photo__dossier_entry=OuterRef("pk"))))


class DossierReadingQuerySet(models.QuerySet):
    def open_to(self, actor: Actor) -> Self:
        """The own readings of the last half hour; whether the copy may still be read is asked of the copy."""
        return self.filter(reader=actor.user.pk, read_at__gt=actor.now - READING_TIME, read_at__lte=actor.now)

    def of_piece(self, piece: DossierEntry) -> Self:
        return self.filter(entry=piece.pk)


class DestructionQuerySet(models.QuerySet):
    def confirmable_by(self, actor: Actor) -> Self:
        """Proposals about copies that `actor` may read, and at the schools whose case officer he is (W18).

        Who proposed it finds it too, to take it back; the service refuses to confirm the own one.
        """
        pieces = DossierEntry.objects.filter(_readable_by(actor))
        overseen = School.objects.overseen_by(actor)
        return self.filter(Q(entry__in=pieces.values("pk")) | Q(school__in=overseen))

    def waiting_for(self, actor: Actor) -> Self:
        """Proposed by somebody else, for a second person whom `actor` can be."""
        return self.confirmable_by(actor).waiting().exclude(proposed_by=actor.user.pk)

    def of_pieces(self, pieces: Iterable[DossierEntry]) -> Self:
        return self.filter(entry__in=[piece.pk for piece in pieces])

    def waiting(self) -> Self:
        """Proposed, and nobody confirmed it yet."""
        return self.filter(confirmed_at__isnull=True)
