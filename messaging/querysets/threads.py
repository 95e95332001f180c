"""Who reads which conversation: one rule, `ThreadGrantQuerySet.effective`, read from both ends.

A conversation is about one child. A parent's right lasts while that parent has authority over the child. The right of
staff lasts while they teach a group the child is in. Both are asked at `now`, in the query itself.
"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from groups.models import Guardianship, Level
from groups.querysets import active_at
from groups.roles import Hat, Role
from messaging.domain.cursor import Cursor
from portal.core import access

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
        child's conversation is never in the staff hat (POL-15).
        """
        rows = self.filter(permission_id=access.permission_id(permission), user__is_active=True)
        chairs = self.model.content_object.field.related_model.participations.rel.related_model.objects
        here = chairs.filter(thread=OuterRef("content_object"))
        as_parent = Exists(here.of_caregivers(now=now).filter(caregiver__user=OuterRef("user")))
        as_teacher = Exists(here.of_teachers(now=now, user=OuterRef("user")))
        own_child = Guardianship.objects.active(now=now).filter(
            caregiver__user=OuterRef("user"), child=OuterRef("content_object__child")
        )
        reasons = {Hat.FAMILY: Q(as_parent), Hat.STAFF: Q(as_teacher) & ~Q(Exists(own_child))}
        return rows.filter(reasons[Hat(hat)] if hat else reasons[Hat.FAMILY] | reasons[Hat.STAFF])


class ThreadQuerySet(models.QuerySet):
    def permitting(self, user: Any, permission: str, *, now: datetime, hat: str | None = None) -> Self:
        """Conversations on which `user` effectively has `permission`, in one hat or in any."""
        if not user.is_authenticated:
            return self.none()
        grants = self.model.grants.rel.related_model.objects.effective(permission, now=now, hat=hat)
        return self.filter(pk__in=grants.filter(user=user).values("content_object"))

    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Conversations that `user` is in now (POL-09, 54): participants only, whoever else may see the child.

        Example: a conversation with the mother does not exist for the father, the directie or another teacher.
        """
        return self.permitting(user, VIEW_THREAD, now=now, hat=hat)

    def writable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Open conversations of the user's in which somebody of the other side is left to read it."""
        chairs = self.model.participations.rel.related_model.objects.filter(thread=OuterRef("pk"))
        across = chairs.of_caregivers(now=now) if hat == Hat.STAFF else chairs.of_teachers(now=now)
        return self.permitting(user, WRITE_IN_THREAD, now=now, hat=hat).filter(Exists(across), state="open")

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


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Messages in the conversations that `user` is in; what its writer took back nobody reads."""
        threads = self.model.thread.field.related_model.objects.visible_to(user, now=now, hat=hat)
        return self.filter(state="published", thread__in=threads)

    def editable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Own messages, for fifteen minutes, while the user may still write in the conversation."""
        threads = self.model.thread.field.related_model.objects.writable_by(user, now=now, hat=hat)
        recent = Q(published_at__gt=now - MESSAGE_EDIT_TIME, thread__in=threads)
        return self.visible_to(user, now=now, hat=hat).filter(recent, author=user.pk, hat=hat)

    def retractable_by(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Own messages at any time, while the user is in the conversation."""
        return self.visible_to(user, now=now, hat=hat).filter(author=user.pk, hat=hat)

    def with_powers_for(self, user: Any, *, now: datetime, hat: str) -> Self:
        """Annotates may_edit and may_retract, so that a page asks once."""
        return self.annotate(
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
