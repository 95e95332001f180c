"""Who may read a conversation, and from where on: `ThreadQuerySet.visible_to`, and from the other end who is told.

It finds rows of `ThreadGrant`, which `talks.services.thread_rights` makes from `Seat`, which `talks.services.seats`
makes from the chairs (`Participation`): of who never came in there is a seat and no right.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Greatest

from groups.models import Guardianship, School, StaffAssignment
from groups.records.querysets.periods import active_at, unended_at
from groups.roles import DIRECT, NEEDS_SECOND_FACTOR, Hat, Role
from messaging.talks.domain.seats import SeatSide
from messaging.writings.domain.cursor import Cursor
from messaging.writings.querysets.messages import VIEW_THREAD
from messaging.writings.querysets.posts import is_so
from portal.core import access
from portal.core.actor import Actor
from portal.core.looking import there_is

WRITE_IN_THREAD = "messaging.write_in_thread"

SERVING = sorted(role.value for role in Role if role not in NEEDS_SECOND_FACTOR)
"""Tasks by which somebody is there for the children: all but those that run the school."""


def runs(staff: str, user: str, *, school: School | int, now: datetime) -> Exists:
    """Whether somebody directs or operates `school` (an OuterRef or a key), under any record: not given a chair.

    `staff` and `user` are the paths to that person's record and account.
    """
    tasks = StaffAssignment.objects.active(now=now).filter(role__in=NEEDS_SECOND_FACTOR, school=school)
    return Exists(tasks.filter(Q(staff=OuterRef(staff)) | Q(staff__user=OuterRef(user))))


def directing(school: School | OuterRef | int, *, now: datetime) -> models.QuerySet:
    """Tasks of who is the directie of `school` (a key or an OuterRef) at `now`."""
    return StaffAssignment.objects.active(now=now).filter(role=Role.DIRECTIE, group__isnull=True, school=school)


class ParticipationQuerySet(models.QuerySet):
    def active(self, *, now: datetime) -> Self:
        """Chairs that are taken at `now`."""
        return self.filter(active_at(now))

    def unended(self, *, now: datetime) -> Self:
        """Chairs that are taken at `now`, or will be."""
        return self.filter(unended_at(now))

    def of_caregivers(self, *, now: datetime) -> Self:
        """Chairs of parents who talk with school about the child at `now`, whether they came in or not."""
        return self._seated([SeatSide.FAMILY], now)

    def of_staff(self, *, now: datetime) -> Self:
        """Chairs of staff whose reason holds at `now`; one that came with a task opens nothing to who runs the school.

        Example: Petra, the directie, gives herself groep 4. Joost, who becomes its teacher, gets a chair in each of
        its conversations, and a line in each says so. Petra gets none: Karima asks her by name, or nobody does.
        """
        return self._seated([SeatSide.STAFF], now)

    def of_both_sides(self, *, now: datetime) -> Self:
        """All of these, and chairs of the directie that somebody asked in, of who is it at `now` (POL-64).

        Example: Karima asks for the directie; Petra reads what happened. Lies, who becomes the head after the summer,
        comes with a line in that conversation and reads from then on, until Karima or Anna hands over what was before.
        """
        return self._seated([*SeatSide], now)

    def with_family(self, *, now: datetime) -> Self:
        """Annotates is_family: whether who of school sits here is family of the child it is about."""
        same = {"child": OuterRef("thread__child"), "caregiver__user": OuterRef("staff__user")}
        return self.annotate(is_family=is_so(there_is(Guardianship.objects.active(now=now).filter(**same))))

    def with_holding(self, *, now: datetime) -> Self:
        """Annotates holds: whether it is one of both sides at `now`."""
        return self.annotate(holds=is_so(self._sitting([*SeatSide], now)))

    def _seated(self, sides: Sequence[SeatSide], now: datetime) -> Self:
        return self.filter(self._sitting(sides, now))

    def _sitting(self, sides: Sequence[SeatSide], now: datetime) -> Q:
        seats = self.model.seats.rel.related_model.objects.held(*sides, now=now)
        return there_is(seats.filter(chair=OuterRef("pk")))


class SeatQuerySet(models.QuerySet):
    def held(self, *sides: SeatSide, now: datetime) -> Self:
        """The seats of these sides that hold at `now`, also of who never came in or is restricted."""
        return self.filter(active_at(now), side__in=sides)


class ThreadGrantQuerySet(access.GrantQuerySet):
    """Rights on conversations (POL-09).

    Example: Karima and juf Anna talk about Noor. Said, who has authority too, is not in it and finds nothing. When Anna
    leaves groep 4 her right ends in that second. Bo, who comes in her place, has a chair of her own from the moment she
    was given the task, with a line that everybody reads, and reads from then on. The own child's conversation is never
    in the staff hat (POL-15). While her access is limited or suspended Karima reads and writes here, unless the
    directie closed that too: then she reads. Anna, suspended, finds nothing (POL-65). Petra, the directie, finds it
    from the second in which Karima or Anna asks for the directie, for as long as she is it (POL-64). Nienke came in by
    letter on Friday: what began before opens on Wednesday, or as soon as Anna says that she knows her; so for staff who
    came in by letter or by a typed address (docs/adr/0026).
    """

    def reading(self, messages: object, *, now: datetime, hat: str) -> Self:
        """Who reads these messages in this hat: the rights, each beside the key of one of them, `message`.

        One condition: divided over two filters Django would look at a message and at the moment of another one.
        """
        reaching = Q(content_object__messages__in=messages, content_object__messages__published_at__gte=F("reads_from"))
        rows = self.in_force(VIEW_THREAD, now=now).filter(reaching, hat=hat)
        return rows.annotate(message=F("content_object__messages"))


class ThreadQuerySet(models.QuerySet):
    def permitting(self, actor: Actor, permission: str) -> Self:
        """Conversations on which `actor` has the right to `permission`, in the hat worn or in any."""
        return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(actor, permission))

    def visible_to(self, actor: Actor) -> Self:
        """Conversations that `actor` is in now (POL-09, 54): participants only, whoever else may see the child.

        Example: a conversation with the mother does not exist for the father, the directie or another teacher. Once
        the mother or her teacher asked for the directie it exists for the directie too, and everybody in it sees so.
        """
        return self.permitting(actor, VIEW_THREAD)

    def writable_by(self, actor: Actor) -> Self:
        """Open conversations of the user's in which somebody of the other side is left to read it."""
        return self.filter(self._rules(actor)["may_write"])

    def joinable_by_directie(self, actor: Actor) -> Self:
        """Open conversations of the user's in which the directie does not read yet, and can (POL-64).

        Who may write in it may ask, also when nobody of the other side is left. There has to be somebody to ask: a
        directie who is family of the child, or teaches it in this very conversation, is a party.
        """
        return self.filter(self._rules(actor)["may_join"])

    def steered_by(self, actor: Actor) -> Self:
        """Conversations that `actor` freezes, opens again and closes: as the directie that was asked in (POL-64).

        Not where the same person has a teacher's chair: then another member of the directie does.
        """
        return self.filter(self._rules(actor)["may_steer"])

    def asking_the_directie(self, actor: Actor) -> Self:
        """Of those that `actor` steers: in which something is new, and which lie still until the directie decides.

        Annotates asks_since: when it asked, was last written in or last frozen; the latest of these.
        """
        held = self.model.steps.rel.related_model.objects.filter(thread=OuterRef("pk"), kind="frozen").order_by()
        frozen_at = Subquery(held.values("thread").annotate(at=Max("at")).values("at"))
        asking = self.steered_by(actor).filter(there_is(self._news(actor)) | Q(state="frozen"))
        return asking.annotate(
            asks_since=Greatest("directie_since", "last_message_at", Coalesce(frozen_at, "created_at"))
        )

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_write, may_join and may_steer, so that a page asks once."""
        return self.annotate(**{power: is_so(rule) for power, rule in self._rules(actor).items()})

    def _rules(self, actor: Actor) -> dict[str, Q]:
        if not actor.user.is_authenticated:
            return dict.fromkeys(("may_write", "may_join", "may_steer"), Q(pk__in=[]))
        mine = Q(pk__in=self.model.grants.rel.related_model.objects.of(actor, WRITE_IN_THREAD))
        free_directie = there_is(self._free_directie(actor.now))
        across = there_is(self._seats(SeatSide.FAMILY, actor.now))
        if actor.hat == Hat.FAMILY:
            across = there_is(self._seats(SeatSide.STAFF, actor.now))
            across |= free_directie & Q(directie_since__lte=actor.now)
        return {
            "may_write": mine & Q(state="open") & across,
            "may_join": mine & Q(state="open", directie_since__isnull=True) & free_directie,
            "may_steer": mine & self._steering(actor) if actor.hat == Hat.STAFF else Q(pk__in=[]),
        }

    def _steering(self, actor: Actor) -> Q:
        own_seat = self._seats(SeatSide.STAFF, actor.now).filter(chair__staff__user=actor.user)
        asked_in = Q(directie_since__lte=actor.now, school__in=School.objects.keys_of(actor, DIRECT))
        return asked_in & ~there_is(own_seat)

    def _seats(self, side: SeatSide, now: datetime) -> models.QuerySet:
        return self._held(side, now).filter(thread=OuterRef("pk"))

    def _held(self, side: SeatSide, now: datetime) -> models.QuerySet:
        seats: SeatQuerySet = self.model.seats.rel.related_model.objects
        return seats.held(side, now=now)

    def _free_directie(self, now: datetime) -> models.QuerySet:
        """Of a conversation's school, those of the directie who are no party in it and came in."""
        family = Guardianship.objects.active(now=now).filter(child=OuterRef(OuterRef("child")))
        family = family.of_people(OuterRef("staff__user"))
        teaching = self._held(SeatSide.STAFF, now).filter(
            thread=OuterRef(OuterRef("pk")), chair__staff__user=OuterRef("staff__user")
        )
        came_in = directing(OuterRef("school"), now=now).filter(staff__user__is_active=True)
        return came_in.filter(~there_is(family), ~there_is(teaching))

    def split_by_news(self, actor: Actor) -> tuple[Self, Self]:
        """Those with something new for `actor`, and the others.

        Both with `new`: how many messages of others, of those he reads, `actor` has not had on the screen. One message
        says which of the two a conversation is, so they are counted only where the number is shown.
        """
        news = self._news(actor)
        counted = Subquery(news.values("thread").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        others = self.annotate(new=Value(0)).filter(~there_is(news))
        return self.annotate(new=counted).filter(there_is(news)), others

    def _news(self, actor: Actor) -> models.QuerySet:
        read = self.model.messages.rel.related_model.kinds["message"].objects.visible_to(actor)
        news: models.QuerySet = read.unread_by(actor.user).filter(thread=OuterRef("pk")).order_by()
        return news

    def with_language(self) -> Self:
        """Annotates language: that of its first message, so of its title too."""
        said = self.model.messages.rel.related_model.kinds["message"].objects.filter(thread=OuterRef("pk"))
        return self.annotate(language=Subquery(said.order_by("pk").values("language")[:1]))

    def before(self, cursor: Cursor) -> Self:
        """Older than the conversation a page ended with."""
        last = Subquery(self.filter(uid=cursor.uid).values("pk")[:1])
        older = Q(last_message_at__lt=cursor.published_at) | Q(last_message_at=cursor.published_at, pk__lt=last)
        return self.filter(older)

    def newest_first(self) -> Self:
        return self.order_by("-last_message_at", "-pk")


class ThreadStepQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What happened to the conversations that `actor` is in; a word with it, as `said`, as far back as that reads.

        Example: Petra froze a conversation with a word about Said. Ibo, asked in later and from then on, reads that it
        was frozen.
        """
        threads = self.model.thread.field.related_model.objects
        rights = threads.model.grants.rel.related_model.objects.held_by(actor, VIEW_THREAD)
        reaching = rights.filter(reads_from__lte=OuterRef("at"), content_object=OuterRef("thread"))
        said = Case(When(Exists(reaching), then=F("word")), default=Value(""), output_field=TextField())
        return self.filter(thread__in=threads.visible_to(actor)).annotate(said=said)

    def between(self, since: datetime | None, until: datetime | None) -> Self:
        """From `since` on and before `until`, in order of time; None: no bound."""
        later = Q(at__gte=since) if since else Q()
        return self.filter(later, Q(at__lt=until) if until else Q()).order_by("at", "pk")
