"""Who sees a draft that was handed in, and who decides about it: its writer and who judges it, nobody else."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from groups.models import Group, GroupGrant
from groups.roles import PUBLISH, SUBMIT, VIEW, Hat
from messaging.talks.querysets import directing
from portal.core.actor import Actor
from portal.core.models import User

WITH_JUDGES = "waiting"
WITH_WRITER = ("returned", "agreed")


class HandinQuerySet(models.QuerySet):
    def written_by(self, actor: Actor) -> Self:
        """The user's own drafts, in the hat they were written in, as long as the group's page is open to the user."""
        return self._handed_in_by(actor).exclude(state="withdrawn")

    def judged_by(self, actor: Actor) -> Self:
        """Drafts of others that `actor` judges as staff; withdrawn ones nobody.

        For a council and in doubt: the directie of the school (POL-07, 71). For the whole school: who may place
        there, its editors and the directie (POL-08). Only in groups of this year: what was left lying when the school
        year ended is nobody's any more. Example: Lotte hands in for the MR; Petra finds it, the editor does not.
        """
        return self._handed_to(actor).exclude(state="withdrawn")

    def taken_back_for(self, actor: Actor) -> Self:
        """Withdrawn drafts that `actor` wrote, and in the staff hat those that `actor` would judge.

        That such a draft was taken back may be said to them, and nothing else of it.
        """
        own = self._handed_in_by(actor)
        judged = self.none() if actor.hat == Hat.FAMILY else self._handed_to(actor)
        either = Q(pk__in=own.values("pk")) | Q(pk__in=judged.values("pk"))
        return self.filter(either, state="withdrawn")

    def visible_to(self, actor: Actor) -> Self:
        """Own drafts, and in the staff hat those that `actor` judges, as long as what was placed is there to read."""
        own = self.written_by(actor).whose_message_stands(actor)
        if actor.hat == Hat.FAMILY:
            return own
        judged = self.judged_by(actor).whose_message_stands(actor)
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=judged.values("pk")))

    def whose_message_stands(self, actor: Actor) -> Self:
        """Without those whose message was placed and then hidden for `actor`, taken back or removed.

        A draft holds its words, also those that somebody else changed in it: it tells no more than the message does.
        """
        posts = self.model.post.field.related_model.objects
        stands = Q(post__state="published") | Q(post__in=posts.visible_to(actor))
        return self.filter(~Q(state="placed") | stands)

    def waiting_for(self, actor: Actor) -> Self:
        """What waits for a decision of `actor`."""
        return self.judged_by(actor).waiting()

    def waiting(self) -> Self:
        """For a decision, whoever takes it."""
        return self.filter(state=WITH_JUDGES)

    def returnable_by(self, actor: Actor) -> Self:
        """Waiting drafts that `actor` may give back with a word."""
        return self.waiting_for(actor)

    def approvable_by(self, actor: Actor) -> Self:
        """Waiting drafts that `actor` may agree with, or place: while the writer could still hand them in."""
        return self.waiting_for(actor).filter(self._writer_still(actor.now))

    def changeable_by(self, actor: Actor) -> Self:
        """Own drafts that came back: changed and handed in again, while the user could still hand them in."""
        return self.written_by(actor).filter(self._writer_still(actor.now), state__in=WITH_WRITER)

    def placeable_by(self, actor: Actor) -> Self:
        """Own drafts that the directie read along in: the writer may place in that group all the same (POL-71)."""
        return self.changeable_by(actor).filter(kind="advice")

    def withdrawable_by(self, actor: Actor) -> Self:
        """Own drafts that are not placed yet."""
        return self.written_by(actor).filter(state__in=(WITH_JUDGES, *WITH_WRITER))

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_approve, may_return, may_change, may_place and may_withdraw, so that a page asks once."""
        rows = self.model.objects
        judging = rows if actor.hat == Hat.STAFF else rows.none()
        powers = {
            "may_approve": judging.approvable_by(actor),
            "may_return": judging.returnable_by(actor),
            "may_change": rows.changeable_by(actor),
            "may_place": rows.placeable_by(actor),
            "may_withdraw": rows.withdrawable_by(actor),
        }
        return self.annotate(**{power: Exists(drafts.filter(pk=OuterRef("pk"))) for power, drafts in powers.items()})

    def _handed_in_by(self, actor: Actor) -> Self:
        if not actor.user.is_authenticated:
            return self.none()
        mine = self.filter(post__author=actor.user.pk, post__group__in=GroupGrant.objects.of(actor, VIEW))
        return mine.filter(post__hat=actor.hat) if actor.hat else mine

    def _handed_to(self, actor: Actor) -> Self:
        if not actor.user.is_authenticated:
            return self.none()
        tasks = directing(OuterRef("school"), now=actor.now).filter(staff__user=actor.user)
        judged = Q(kind="school") | Q(Exists(tasks))
        here = self.filter(judged, post__group__in=GroupGrant.objects.of(actor.wearing(Hat.STAFF), PUBLISH))
        return here.exclude(post__author=actor.user.pk)

    def _writer_still(self, now: datetime) -> Q:
        """The writer has the place from which it was handed in: the seat, the school, the own group."""
        submits = Exists(_of_writer(SUBMIT, "post__group", now))
        return (
            Q(submits, Exists(_of_writer(PUBLISH, "council", now)), kind="council")
            | Q(submits, kind="school")
            | Q(Exists(_of_writer(PUBLISH, "post__group", now)), kind="advice")
        )


def _of_writer(permission: str, group: str, now: datetime) -> models.QuerySet:
    rights = GroupGrant.objects.in_force(permission, now=now)
    return rights.filter(user=OuterRef("post__author"), hat=OuterRef("post__hat"), content_object=OuterRef(group))


def judges_of(*, kind: str, group: Group, writer: User | OuterRef, now: datetime) -> models.QuerySet:
    """The users who judge such a draft of `writer` for `group`: `judged_by`, read from the other end."""
    rights = GroupGrant.objects.in_force(PUBLISH, now=now)
    placing = rights.filter(content_object=group, hat=Hat.STAFF).exclude(user=writer)
    if kind != "school":
        placing = placing.filter(user__in=directing(group.school_id, now=now).values("staff__user"))
    users = GroupGrant.user.field.related_model._default_manager
    return users.filter(pk__in=placing.values("user")).order_by("pk")
