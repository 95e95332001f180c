"""Who reads which conversation: one rule, `ThreadGrantQuerySet.effective`, read from both ends.

A conversation is about one child. A parent's right lasts while that parent has authority over the child. The right of
staff lasts while they teach a group the child is in. The directie's begins when somebody in it asks for it. All of them
are asked at `now`, in the query itself.
"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from groups.models import Guardianship, Level, Restriction, School, StaffAssignment
from groups.querysets import active_at
from groups.roles import Hat, Role
from messaging.domain.cursor import Cursor
from messaging.querysets.posts import REMOVED, overseen
from portal.core import access
from portal.core.kept import kept

VIEW_THREAD = "messaging.view_thread"
WRITE_IN_THREAD = "messaging.write_in_thread"
MESSAGE_EDIT_TIME = timedelta(minutes=15)


def in_authority_at(now: datetime | None, caregiver: str = "caregiver__") -> Q:
    """A caregiver's chair whose holder has authority over the child of the conversation; None: at any time."""
    own = Q(
        **{
            f"{caregiver}guardianships__child": F("thread__child"),
            f"{caregiver}guardianships__level": Level.WITH_AUTHORITY,
        }
    )
    return own & active_at(now, f"{caregiver}guardianships__") if now else own


def taught_at(now: datetime | None, user: Any = None) -> Q:
    """A staff chair with everybody, or `user`, who teaches its group while the child is in it; None: at any time.

    The person named in the chair, and who came to the group after the chair was taken: a successor, a substitute.
    A colleague who taught the group all along and was not named stays outside. All of it is about one and the same
    task: the user belongs in this condition, not in a filter after it.
    """
    named = Q(group__assignments__staff=F("staff"))
    came_later = Q(group__assignments__valid_from__gt=F("valid_from"))
    serving = Q(group__assignments__role=Role.TEACHER, group__enrolments__child=F("thread__child"))
    if user is not None:
        serving &= Q(group__assignments__staff__user=user)
    if now is None:
        return serving & (named | came_later)
    in_time = active_at(now, "group__assignments__") & active_at(now, "group__enrolments__")
    this_year = Q(group__school_year__starts_at__lte=now, group__school_year__ends_at__gt=now)
    return serving & (named | came_later) & in_time & this_year


def directing(school: Any, *, now: datetime) -> models.QuerySet:
    """Tasks of who is the directie of `school` (one, several, or an OuterRef) at `now`."""
    many = {"school__in": school} if isinstance(school, set) else {"school": school}
    return StaffAssignment.objects.active(now=now).filter(role=Role.DIRECTIE, group__isnull=True, **many)


class ParticipationQuerySet(models.QuerySet):
    def active(self, *, now: datetime) -> Self:
        """Chairs that are taken at `now`."""
        return self.filter(active_at(now))

    def of_caregivers(self, *, now: datetime) -> Self:
        """Chairs of parents who have authority over the child at `now`, whether they came in or not."""
        return self.active(now=now).filter(in_authority_at(now))

    def of_teachers(self, *, now: datetime, user: Any = None) -> Self:
        """Chairs of staff with somebody, or `user`, who teaches the child's group at `now`: one row a teacher."""
        return self.active(now=now).filter(taught_at(now, user))


class ThreadGrantQuerySet(models.QuerySet):
    def effective(self, permission: str, *, now: datetime, hat: str | None = None) -> Self:
        """The rule itself: a grant row ∧ an active chair ∧ its active reason ∧ an active account (POL-09).

        Example: Karima and juf Anna talk about Noor. Said, who has authority too, is not in it and finds nothing.
        When Anna leaves groep 4 her right ends in that second; juf Bo, who came in her place, reads on. The own
        child's conversation is never in the staff hat (POL-15). While her access is limited Karima reads and does not
        write; while it is suspended she finds nothing (POL-65). Petra, the directie, finds it from the second in which
        Karima or Anna asks for the directie, for as long as she is it (POL-64).
        """
        against = Restriction.objects.against(OuterRef("user"), now=now).forbidding(reading=permission == VIEW_THREAD)
        forbidding = against.filter(school=OuterRef("content_object__school"))
        rows = self.filter(~Exists(forbidding), permission_id=access.permission_id(permission), user__is_active=True)
        chairs = self.model.content_object.field.related_model.participations.rel.related_model.objects
        here = chairs.filter(thread=OuterRef("content_object"))
        as_parent = Exists(here.of_caregivers(now=now).filter(caregiver__user=OuterRef("user")))
        as_teacher = Exists(here.of_teachers(now=now, user=OuterRef("user")))
        own_child = Guardianship.objects.active(now=now).filter(
            caregiver__user=OuterRef("user"), child=OuterRef("content_object__child")
        )
        school = OuterRef("content_object__school")
        as_directie = Exists(directing(school, now=now).filter(staff__user=OuterRef("user")))
        asked_in = Q(content_object__directie_since__lte=now) & Q(as_directie)
        reasons = {Hat.FAMILY: Q(as_parent), Hat.STAFF: (Q(as_teacher) | asked_in) & ~Q(Exists(own_child))}
        return rows.filter(reasons[Hat(hat)] if hat else reasons[Hat.FAMILY] | reasons[Hat.STAFF])


class ThreadQuerySet(models.QuerySet):
    @kept
    def permitting(self, user: Any, permission: str, *, now: datetime, hat: str | None = None) -> Self:
        """Conversations on which `user` effectively has `permission`, in one hat or in any."""
        if not user.is_authenticated:
            return self.none()
        grants = self.model.grants.rel.related_model.objects.effective(permission, now=now, hat=hat)
        return self.filter(pk__in=grants.filter(user=user).values("content_object"))

    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Conversations that `user` is in now (POL-09, 54): participants only, whoever else may see the child.

        Example: a conversation with the mother does not exist for the father, the directie or another teacher. Once
        the mother or her teacher asked for the directie it exists for the directie too, and everybody in it sees so.
        """
        return self.permitting(user, VIEW_THREAD, now=now, hat=hat)

    @kept
    def writable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Open conversations of the user's in which somebody of the other side is left to read it."""
        chairs = self._chairs()
        across: Any = Exists(chairs.of_caregivers(now=now))
        if hat == Hat.FAMILY:
            directie = Q(Exists(self._free_directie(now)), directie_since__lte=now)
            across = Q(Exists(chairs.of_teachers(now=now))) | directie
        return self.permitting(user, WRITE_IN_THREAD, now=now, hat=hat).filter(across, state="open")

    @kept
    def joinable_by_directie(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Open conversations of the user's in which the directie does not read yet, and can (POL-64).

        Who may write in it may ask, also when nobody of the other side is left. There has to be somebody to ask: a
        directie who is family of the child, or teaches it in this very conversation, is a party.
        """
        mine = self.permitting(user, WRITE_IN_THREAD, now=now, hat=hat)
        return mine.filter(Exists(self._free_directie(now)), directie_since__isnull=True, state="open")

    @kept
    def steered_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Conversations that `user` freezes, opens again and closes: as the directie that was asked in (POL-64).

        Not where the same person has a teacher's chair: then another member of the directie does.
        """
        mine = self.permitting(user, WRITE_IN_THREAD, now=now, hat=hat)
        if hat != Hat.STAFF:
            return mine.none()
        directed = School.objects.directed_by(user, now=now)
        own_chair = self._chairs().of_teachers(now=now, user=user)
        return mine.filter(~Exists(own_chair), school__in=directed, directie_since__lte=now)

    def with_powers_for(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Annotates may_write, may_join and may_steer, so that a page asks once."""
        rows, same = self.model.objects, OuterRef("pk")
        return self.annotate(
            may_write=Exists(rows.writable_by(user, now=now, hat=hat).filter(pk=same)),
            may_join=Exists(rows.joinable_by_directie(user, now=now, hat=hat).filter(pk=same)),
            may_steer=Exists(rows.steered_by(user, now=now, hat=hat).filter(pk=same)),
        )

    def _chairs(self) -> Any:
        return self.model.participations.rel.related_model.objects.filter(thread=OuterRef("pk"))

    def _free_directie(self, now: datetime) -> models.QuerySet:
        """Of a conversation's school, those of the directie who are no party in it and came in."""
        chairs = self.model.participations.rel.related_model.objects.filter(thread=OuterRef(OuterRef("pk")))
        family = Guardianship.objects.active(now=now).filter(
            child=OuterRef(OuterRef("child")), caregiver__user=OuterRef("staff__user")
        )
        came_in = directing(OuterRef("school"), now=now).filter(staff__user__is_active=True)
        teaching = chairs.of_teachers(now=now, user=OuterRef("staff__user"))
        return came_in.filter(~Exists(family), ~Exists(teaching))

    def with_news_for(self, user: Any) -> Self:
        """Annotates `new`: how many messages of others `user` has not had on the screen."""
        messages = self.model.messages.rel.related_model.objects.unread_by(user).filter(thread=OuterRef("pk"))
        counted = messages.order_by().values("thread").annotate(n=Count("pk")).values("n")
        return self.annotate(new=Coalesce(Subquery(counted), 0, output_field=IntegerField()))

    def split_by_news(self, user: Any) -> tuple[Self, Self]:
        """Those with something new for `user`, and the others; both annotated."""
        told = self.with_news_for(user)
        return told.filter(new__gt=0), told.filter(new=0)

    def before(self, cursor: Cursor) -> Self:
        """Older than the conversation a page ended with."""
        last = Subquery(self.filter(uid=cursor.uid).values("pk")[:1])
        older = Q(last_message_at__lt=cursor.published_at) | Q(last_message_at=cursor.published_at, pk__lt=last)
        return self.filter(older)

    def newest_first(self) -> Self:
        return self.order_by("-last_message_at", "-pk")


class ThreadStepQuerySet(models.QuerySet):
    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """What happened to the conversations that `user` is in."""
        threads = self.model.thread.field.related_model.objects.visible_to(user, now=now, hat=hat)
        return self.filter(thread__in=threads)

    def between(self, since: datetime | None, until: datetime | None) -> Self:
        """From `since` on and before `until`, in order of time; None: no bound."""
        later = Q(at__gte=since) if since else Q()
        return self.filter(later, Q(at__lt=until) if until else Q()).order_by("at", "pk")


class MessageQuerySet(models.QuerySet):
    @kept
    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Messages in the conversations that `user` is in; what its writer took back nobody reads."""
        threads = self.model.thread.field.related_model.objects.visible_to(user, now=now, hat=hat)
        return self.filter(state="published", thread__in=threads)

    @kept
    def met_by(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """What stands in the conversations of `user`: what he reads, and the places of what was removed (POL-62)."""
        threads = self.model.thread.field.related_model.objects.visible_to(user, now=now, hat=hat)
        return self.filter(Q(state="published") | REMOVED, thread__in=threads)

    @kept
    def removable_by(self, user: Any, *, now: datetime) -> Self:
        """Messages that `user` may remove as the directie: those reported, and those where it was asked in (POL-61).

        Not the own: a reported one of the directie is the case officer's. Example: Said reports a message of juf Anna.
        Petra removes it, and reads nothing else of that conversation.
        """
        if not user.is_authenticated:
            return self.none()
        directed = School.objects.directed_by(user, now=now)
        steered = self.model.thread.field.related_model.objects.steered_by(user, now=now, hat=Hat.STAFF)
        handled = Q(reported_at__isnull=False, school__in=directed) | Q(thread__in=steered)
        return self.filter(handled & ~Q(author=user.pk) | overseen(user, now), state="published")

    def editable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Own messages, for fifteen minutes, while the user may still write in the conversation."""
        threads = self.model.thread.field.related_model.objects.writable_by(user, now=now, hat=hat)
        recent = Q(published_at__gt=now - MESSAGE_EDIT_TIME, thread__in=threads)
        return self.visible_to(user, now=now, hat=hat).filter(recent, author=user.pk, hat=hat)

    def retractable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Own messages at any time, while the user is in the conversation; nothing changes while it is frozen."""
        mine = self.visible_to(user, now=now, hat=hat).filter(author=user.pk, hat=hat)
        return mine.exclude(thread__state="frozen")

    def with_powers_for(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Annotates may_edit, may_retract and may_remove, so that a page asks once."""
        removable = self.model.objects.removable_by(user, now=now) if hat == Hat.STAFF else self.model.objects.none()
        return self.annotate(
            may_remove=Exists(removable.filter(pk=OuterRef("pk"))),
            may_edit=Exists(self.model.objects.editable_by(user, now=now, hat=hat).filter(pk=OuterRef("pk"))),
            may_retract=Exists(self.model.objects.retractable_by(user, now=now, hat=hat).filter(pk=OuterRef("pk"))),
        )

    def unread_by(self, user: Any) -> Self:
        """Published messages of others that `user` (a User or an OuterRef) has not had on the screen."""
        seen = self.model.seen_by.rel.related_model.objects.filter(user=user, message=OuterRef("pk"))
        return self.filter(~Exists(seen), state="published").exclude(author=user)

    def before(self, cursor: Cursor) -> Self:
        """Older than the message a page began with."""
        last = Subquery(self.model.objects.filter(uid=cursor.uid).values("pk")[:1])
        older = Q(published_at__lt=cursor.published_at) | Q(published_at=cursor.published_at, pk__lt=last)
        return self.filter(older)


class MessageSeenQuerySet(models.QuerySet):
    def of(self, user: Any) -> Self:
        """What `user` has had on the screen."""
        return self.filter(user=user.pk)
