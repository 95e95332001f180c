"""Which posts and replies somebody may read or act upon.

Every answer starts from the groups door: whose page the user may open, or where the user holds a power. Each rule is
one `Q`, used by the list, the button, the policy and the refusal alike.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections, models
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import TruncMonth

from groups.models import GroupGrant, School, StaffAssignment
from groups.roles import DIRECT, MANAGE, MODERATE, OVERSEE, PUBLISH, REPLY, VIEW, Hat, Role
from messaging.writings.domain.cursor import Cursor
from messaging.writings.domain.shapes import Together
from messaging.writings.querysets.kinds import KindQuerySet
from messaging.writings.querysets.letters import LetterQuerySet
from portal.core.access import GrantQuerySet
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.looking import there_is
from portal.core.models import User

EDIT_TIME = timedelta(minutes=15)
"""For a reply and for what is said in a conversation; of a post its writer changes the words at any time."""
PHOTOS_STAY = timedelta(days=31)
"""So long the photos of a school year are seen after it: until 31 August, where its texts stay until the new year."""
PLACED = ("published", "hidden")
REMOVED = Q(state="removed", retracted_at__isnull=True)
"""What the school removed: a fixed sentence stands in its place."""


def _out(now: datetime, prefix: str = "") -> Q:
    """Placed, and its moment has come: before it only its writer and who moderates the group read it."""
    return Q(**{f"{prefix}state": "published", f"{prefix}published_at__lte": now})


def _readable_post(actor: Actor, prefix: str = "", removed: Q | None = None) -> Q:
    """Posts that `actor` reads, and `removed` ones, in the groups whose page is open: see `PostQuerySet.visible_to`."""
    moderated, groups = GroupGrant.objects.of(actor, MODERATE), GroupGrant.objects.of(actor, VIEW)
    ours = Q(**{f"{prefix}group__in": moderated}) | _written_by(actor, prefix)
    readable = _out(actor.now, prefix) | Q(**{f"{prefix}state__in": PLACED}) & ours
    readable = readable | removed if removed else readable
    return readable & Q(**{f"{prefix}group__in": groups})


def _readers(permission: str, now: datetime, hat: str | None) -> GrantQuerySet[GroupGrant]:
    rights = GroupGrant.objects.in_force(permission, now=now)
    return rights.filter(hat=hat) if hat else rights


def _hidden_by_another(user: User) -> Q:
    """Own words that somebody else hid: who wrote them does not show them again (W8)."""
    return Q(state="hidden", author=user.pk) & ~Q(hidden_by=user.pk)


def _hidden_above(actor: Actor) -> Q:
    """Hidden by the directie, or by the case officer above it: nobody below shows it again (POL-61).

    Who hid it counts by the task of that moment, and a directie who left by the one who came.
    """
    then = StaffAssignment.objects.filter(
        _held_at(OuterRef("hidden_at")),
        school=OuterRef("school"),
        group__isnull=True,
        staff__user=OuterRef("hidden_by"),
    )
    by_directie = there_is(then.filter(role__in=(Role.DIRECTIE, Role.CASE_OFFICER)))
    by_officer = there_is(then.filter(role=Role.CASE_OFFICER)) & _of_directie(actor.now)
    return by_directie & ~Q(school__in=School.objects.keys_of(actor, DIRECT)) | by_officer


def _of_directie(now: datetime) -> Q:
    """Written by who directs the school now, or did when somebody reported it: that case stays the case officer's."""
    directing = StaffAssignment.objects.filter(_held_at(now) | _held_at(OuterRef("reported_at")))
    directing = directing.filter(group__isnull=True, role=Role.DIRECTIE)
    return there_is(directing.filter(school=OuterRef("school"), staff__user=OuterRef("author")))


def _held_at(moment: datetime | OuterRef) -> Q:
    """Tasks that somebody had at a moment, also at one of the row this stands beside."""
    return Q(valid_from__lte=moment) & (Q(valid_until__isnull=True) | Q(valid_until__gt=moment))


def is_so(rule: Q) -> Case:
    """The rule as a value beside the row."""
    return Case(When(rule, then=Value(True)), default=Value(False), output_field=BooleanField())


def _written_by(actor: Actor, prefix: str = "") -> Q:
    """What `actor` wrote; in one hat, what was written in that hat (POL-15)."""
    mine = Q(**{f"{prefix}author": actor.user.pk})
    return mine & Q(**{f"{prefix}hat": actor.hat}) if actor.hat else mine


class PostQuerySet(LetterQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Posts that `actor` may read (POL-01, 04, 05), in one hat or in any.

        Published ones of the groups whose page `actor` may open, from their moment on; hidden ones, and those whose
        moment has not come, for who moderates the group, and for the author as long as the group's page is open to
        him. Handed in, retracted and removed: nobody.
        Example: Noor is in groep 4, so her mother reads groep 4 and the whole school. When juf Lonneke hides a post
        of groep 4, the mother no longer finds it, the other teachers of groep 4 who administrate it do.
        """
        return self._standing(actor)

    def visible_pairs(self, users: Iterable[User | int], *, now: datetime, hat: str | None = None) -> models.QuerySet:
        """(user, post) for all of `users` at once: the same as asking `visible_to` for each of them (POL-01, 04, 05).

        `users` are users, their keys or a query of those. One statement; each pair stands once.
        """
        readers = _readers(VIEW, now, hat).filter(user__in=users)
        moderating = _readers(MODERATE, now, hat).filter(user=OuterRef("reader"), content_object=OuterRef("group"))
        mine = Q(author=F("reader")) & Q(hat=hat) if hat else Q(author=F("reader"))
        return (
            self.filter(group__grants__in=readers)
            .annotate(reader=F("group__grants__user"))
            .filter(_out(now) | Q(state__in=PLACED) & (Exists(moderating) | mine))
            .order_by()
            .values_list("reader", "pk")
            .distinct()
        )

    def met_by(self, actor: Actor) -> Self:
        """What stands on a page of `actor`: what he reads, and the places from which something was removed (POL-62).

        Of a removed post nothing is left to read. For lists and pages of posts only: mails, photos and acts ask
        `visible_to`. What its own writer took back leaves no place, also when it went into the dossier.
        """
        return self._standing(actor, REMOVED)

    def missed_by(self, actor: Actor) -> Self:
        """In the groups that `actor` moderates, of what was placed there: a draft stood nowhere."""
        gone = self.filter(retracted_at__isnull=False, published_at__isnull=False)
        return gone.filter(group__in=GroupGrant.objects.of(actor, MODERATE))

    def _standing(self, actor: Actor, removed: Q | None = None) -> Self:
        if not actor.user.is_authenticated:
            return self.none()
        return self.filter(_readable_post(actor, removed=removed))

    def editable_by(self, actor: Actor) -> Self:
        """Placed posts of the user's own, in groups where the user may still publish; any time."""
        return self._permitting("may_edit", actor)

    def retractable_by(self, actor: Actor) -> Self:
        """Placed posts of the user's own, as long as the group's page is open to the user; any time."""
        return self._permitting("may_retract", actor)

    def hideable_by(self, actor: Actor) -> Self:
        """Placed posts of groups the user moderates: group administrators and the directie (POL-61).

        Not the own ones that somebody else hid. And what a directie wrote and somebody reported: the case officer.
        """
        return self._permitting("may_hide", actor) | self.filter(_overseen_standing(actor))

    def showable_by(self, actor: Actor) -> Self:
        """Of what the user may hide, all but what was hidden above him: this the user shows again (POL-61).

        Example: juf Anna hid a post of groep 4, her duo partner shows it again; what the directie hid there, only the
        directie does.
        """
        return self._permitting("may_show", actor) | self.filter(_overseen_standing(actor))

    def removable_by(self, actor: Actor) -> Self:
        """Placed posts that `actor` may remove, with a hard copy: see `removable_texts` (POL-61, 62)."""
        return self.filter(removable_texts(actor, group="group"))

    def answered_to_all_by(self, actor: Actor) -> Self:
        """Posts under which what `actor` answers is read by everybody in the group, not by staff only."""
        return self._permitting("answers_all", actor)

    def answerable_by(self, actor: Actor) -> Self:
        """Published posts with replies on, or to staff, in groups where the user may reply (POL-06)."""
        return self._permitting("may_reply", actor)

    def _permitting(self, power: str, actor: Actor) -> Self:
        readable = self.visible_to(actor)
        return readable.filter(_post_rules(actor)[power]) if actor.user.is_authenticated else readable

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_edit, may_retract, may_hide, may_show, may_remove, may_reply, and two more: a list asks once.

        `may_count`: sees how many families were reached. `answers_all`: what this user answers is read by the whole
        group, also where parents answer to staff only.
        """
        return self.annotate(**{power: is_so(rule) for power, rule in _post_rules(actor).items()})

    def with_answering_by(self, actor: Actor) -> Self:
        """Annotates may_reply, as `with_powers_for` does, for a list that shows no other power."""
        return self.annotate(may_reply=is_so(_post_rules(actor)["may_reply"]))

    def with_seen_by(self, user: User) -> Self:
        """Annotates is_seen (the user had it on the screen, or wrote it), and the user's first_visit and last_visit.

        The visits are those moments at which any message was on the screen; None for who never was here.
        """
        seen = self.model.seen_by.rel.related_model.objects.of(user).filter(hat="")
        visits = seen.order_by().values("user")
        return self.annotate(
            is_seen=is_so(there_is(seen.filter(writing=OuterRef("pk"))) | Q(author=user.pk)),
            first_visit=Subquery(visits.annotate(at=Min("seen_at")).values("at")),
            last_visit=Subquery(visits.annotate(at=Max("seen_at")).values("at")),
        )

    def photos_stay(self, now: datetime, prefix: str = "") -> Q:
        """In a school year of which photos are still seen: one that goes on, or ended within `PHOTOS_STAY`."""
        return Q(**{f"{prefix}group__school_year__ends_at__gt": Value(now) - Value(PHOTOS_STAY)})

    def keeping_photos(self, *, now: datetime) -> Self:
        """Posts of which photos are still seen."""
        return self.filter(self.photos_stay(now))

    def photo_months(self) -> models.QuerySet:
        """In which months of school photos stand in these posts, newest first. Whether they are shown is not asked.

        That would be asked of every photo there ever was. A month tells no more than each post with its photos_placed.
        """
        standing = self.model.placements.rel.related_model.objects.filter(writing=OuterRef("pk"), removed_at=None)
        in_month = TruncMonth("published_at", tzinfo=SCHOOL_ZONE)
        months = self.filter(Exists(standing)).annotate(month=in_month).order_by("-month")
        return months.values_list("month", flat=True).distinct()

    def once_together(self) -> Self:
        """Of posts written together only the first of this selection: who sees several sees it once."""
        twins = self.filter(written_together=OuterRef("written_together"), pk__lt=OuterRef("pk"))
        return self.filter(Q(written_together__isnull=True) | ~there_is(twins))

    def together_with(self, post: Together) -> Self:
        """`post` and what was written together with it."""
        if post.written_together is None:
            return self.filter(pk=post.pk)
        return self.filter(written_together=post.written_together)

    def with_author_reading(self, *, now: datetime) -> Self:
        """Annotates author_reads: whether who wrote it still opens the group in that hat; who left reads no answer."""
        rights = GroupGrant.objects.in_force(VIEW, now=now)
        theirs = rights.filter(user=OuterRef("author"), hat=OuterRef("hat"), content_object=OuterRef("group"))
        return self.annotate(author_reads=Exists(theirs))

    def asking(self, actor: Actor, *, today: date) -> Self:
        """What asks the families in whose groups `actor` is as one of them something about this day or a later one.

        Hidden ones not, also where `actor` may read them as who moderates.
        """
        family = actor.wearing(Hat.FAMILY)
        return self.visible_to(family).filter(_out(actor.now), ~Q(ask=""), ask_on__gte=today)

    def asking_pairs(self, users: Iterable[User | int], *, today: date, now: datetime) -> models.QuerySet:
        """(user, post) for all of `users` at once: the same as `asking` for each of them."""
        return self.filter(_out(now), ~Q(ask=""), ask_on__gte=today).visible_pairs(users, now=now, hat=Hat.FAMILY)

    def asking_between(self, actor: Actor, first: date, last: date) -> Self:
        """What `actor` reads, in the hat worn, that asks families something about these days; hidden ones not."""
        return self.visible_to(actor).filter(_out(actor.now), ~Q(ask=""), ask_on__range=(first, last))

    def to_answer_by(self, day: date) -> Self:
        """What can be answered, brought or done until the end of this day and no longer."""
        return self.filter(Q(answer_by=day) | Q(ask="do", ask_on=day), ~Q(ask=""), state="published")

    def with_answers_for(self, actor: Actor) -> Self:
        """Those of which `actor` reads, as staff of the group, what each child's family answered."""
        return self._permitting("may_count", actor.wearing(Hat.STAFF))

    def before(self, cursor: Cursor) -> Self:
        """Older than the message a page ended with. When that one is gone meanwhile its moment still counts."""
        last = Subquery(self.filter(uid=cursor.uid).values("pk")[:1])
        return self.filter(Q(published_at__lt=cursor.published_at) | Q(published_at=cursor.published_at, pk__lt=last))

    def placed(self) -> Self:
        """Published, or hidden for now: what can be read on a page."""
        return self.filter(state__in=PLACED)

    def with_a_place(self) -> Self:
        """Placed, or removed by the school: what takes a place on a page."""
        return self.filter(Q(state__in=PLACED) | REMOVED)

    def feed_page(self, groups: models.QuerySet, *, before: Cursor | None = None, size: int) -> Self:
        """The newest `size` of this selection that take a place, or those before a cursor; keyset, no count or offset.

        Posts written together stand once. Ask for one more than is shown to know whether there are older ones.
        `groups` holds every group of the selection: PostgreSQL takes the newest few of each, a step in an index, and
        never looks at all that was ever written there. That narrows; who reads what is this selection's.
        """
        page = self.with_a_place().once_together()
        page = (page.before(before) if before else page).order_by("-published_at", "-pk")
        if connections[self.db].vendor != "postgresql":
            return page[:size]
        of_group = page.filter(group=OuterRef("pk")).values("pk")[:size]
        each = Func(ArraySubquery(of_group), function="unnest", output_field=BigIntegerField())
        newest: Self = self.model.objects.filter(pk__in=groups.annotate(newest=each).values("newest"))
        return newest.order_by("-published_at", "-pk")[:size]


def _post_rules(actor: Actor) -> dict[str, Q]:
    mine = Q(state__in=PLACED) & _written_by(actor)
    may_hide = Q(state__in=PLACED, group__in=GroupGrant.objects.of(actor, MODERATE))
    may_hide &= ~_hidden_by_another(actor.user)
    return {
        "may_edit": mine & Q(group__in=GroupGrant.objects.of(actor, PUBLISH)),
        "may_retract": mine & Q(group__in=GroupGrant.objects.of(actor, VIEW)),
        "may_hide": may_hide,
        "may_show": may_hide & ~_hidden_above(actor),
        "may_remove": _moderated(actor, "group"),
        "may_reply": _out(actor.now)
        & Q(replies__in=("on", "staff"))
        & Q(group__in=GroupGrant.objects.of(actor, REPLY)),
        "may_count": Q(group__in=GroupGrant.objects.of(actor, MANAGE)),
        "answers_all": Q(replies="on") | _written_by(actor) | _serves(actor, "group"),
    }


def _moderated(actor: Actor, group: str) -> Q:
    """In the staff hat, what stands in the groups the user moderates."""
    if actor.hat == Hat.FAMILY:
        return Q(pk__in=[])
    return Q(state__in=PLACED, **{f"{group}__in": GroupGrant.objects.of(actor.wearing(Hat.STAFF), MODERATE)})


def removable_texts(actor: Actor, *, group: str) -> Q:
    """POL-61: what stands in the groups that `actor` moderates, as its administrator or the directie.

    And by the foundation's case officer what a directie wrote and somebody reported: nobody else handles that.
    """
    if not actor.user.is_authenticated:
        return Q(pk__in=[])
    return _moderated(actor.wearing(Hat.STAFF), group) | _overseen_standing(actor.wearing(Hat.STAFF))


def _overseen_standing(actor: Actor) -> Q:
    if not actor.user.is_authenticated or actor.hat == Hat.FAMILY:
        return Q(pk__in=[])
    return overseen(actor) & Q(state__in=PLACED)


def overseen(actor: Actor) -> Q:
    """Reported texts of the directie, of now or when it was reported, at the schools whose case officer `actor` is."""
    schools = School.objects.keys_of(actor, OVERSEE)
    return _of_directie(actor.now) & Q(reported_at__isnull=False, school__in=schools)


def _confided(actor: Actor) -> Q:
    """Replies to staff only that `actor` reads: who wrote one, who wrote the post, who may publish in the group."""
    return _written_by(actor) | _written_by(actor, "post__") | _serves(actor, "post__group")


def _serves(actor: Actor, group: str) -> Q:
    """In the staff hat, groups in which the user may publish: its teachers, and the directie."""
    if actor.hat == Hat.FAMILY:
        return Q(pk__in=[])
    return Q(**{f"{group}__in": GroupGrant.objects.of(actor.wearing(Hat.STAFF), PUBLISH)})


class ReplyQuerySet(KindQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Replies under posts that `actor` may read, in one hat or in any.

        Hidden ones only for who moderates the group, and for their author. `to_staff`: only for who wrote the reply,
        who wrote the post, and the staff who may publish in the group. Retracted and removed: nobody.
        Example: under a post of groep 4 with "only staff read the replies" Karima sees her own answer, Said does
        not see it; juf Anna and the directie do – in the staff hat.
        """
        return self._standing(actor)

    def met_by(self, actor: Actor) -> Self:
        """What stands under a post for `actor`: what he reads, and the places from which a reply was removed."""
        return self._standing(actor, REMOVED)

    def missed_by(self, actor: Actor) -> Self:
        """In the groups that `actor` moderates, of what `actor` read; and under a post that was taken back itself."""
        gone = Q(retracted_at__isnull=False) | Q(post__retracted_at__isnull=False)
        moderated = self.filter(gone, post__group__in=GroupGrant.objects.of(actor, MODERATE))
        return moderated.filter(Q(to_staff=False) | _confided(actor))

    def _standing(self, actor: Actor, removed: Q | None = None) -> Self:
        if not actor.user.is_authenticated:
            return self.none()
        moderated = GroupGrant.objects.of(actor, MODERATE)
        mine = _written_by(actor)
        shown = Q(state="published") | Q(state="hidden") & (Q(post__group__in=moderated) | mine)
        shown = shown | removed if removed else shown
        return self.filter(_readable_post(actor, "post__"), shown, Q(to_staff=False) | _confided(actor))

    def editable_by(self, actor: Actor) -> Self:
        """Published replies of the user's own, for fifteen minutes; see `still_editable`."""
        return self._permitting("may_edit", actor)

    def retractable_by(self, actor: Actor) -> Self:
        """Placed replies of the user's own, as long as the group's page is open to the user; any time."""
        return self._permitting("may_retract", actor)

    def hideable_by(self, actor: Actor) -> Self:
        """Placed replies in groups the user moderates (POL-61); reported ones of a directie: the case officer."""
        return self._permitting("may_hide", actor) | self.filter(_overseen_standing(actor))

    def showable_by(self, actor: Actor) -> Self:
        """Of what the user may hide, all but what was hidden above him: see the posts."""
        return self._permitting("may_show", actor) | self.filter(_overseen_standing(actor))

    def removable_by(self, actor: Actor) -> Self:
        """Placed replies that `actor` may remove, with a hard copy: see `removable_texts` (POL-61, 62)."""
        return self.filter(removable_texts(actor, group="post__group"))

    def _permitting(self, power: str, actor: Actor) -> Self:
        readable = self.visible_to(actor)
        return readable.filter(_reply_rules(actor)[power]) if actor.user.is_authenticated else readable

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_edit, may_retract, may_hide, may_show and may_remove on replies: a list asks once."""
        return self.annotate(**{power: is_so(rule) for power, rule in _reply_rules(actor).items()})

    def before(self, cursor: Cursor, *, inclusive: bool) -> Self:
        """Older than the reply a page began with, or `inclusive` of it. When it is gone its moment still counts."""
        last = Subquery(self.model.objects.filter(uid=cursor.uid).values("pk")[:1])
        same_moment = {"published_at": cursor.published_at, "pk__lte" if inclusive else "pk__lt": last}
        return self.filter(Q(published_at__lt=cursor.published_at) | Q(**same_moment))

    def in_order(self) -> Self:
        return self.order_by("published_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


def still_editable(actor: Actor) -> Q:
    """For fifteen minutes, and once more after a kind word that asked for it (POL-66)."""
    return Q(published_at__gt=Value(actor.now) - Value(EDIT_TIME)) | Q(editable_until__gt=actor.now)


def _reply_rules(actor: Actor) -> dict[str, Q]:
    mine = _written_by(actor)
    answering = GroupGrant.objects.of(actor, REPLY)
    moderated = GroupGrant.objects.of(actor, MODERATE)
    may_hide = Q(state__in=PLACED, post__group__in=moderated) & ~_hidden_by_another(actor.user)
    return {
        "may_edit": mine
        & Q(state="published", post__state="published")
        & still_editable(actor)
        & Q(post__group__in=answering),
        "may_retract": mine & Q(state__in=PLACED, post__group__in=GroupGrant.objects.of(actor, VIEW)),
        "may_hide": may_hide,
        "may_show": may_hide & ~_hidden_above(actor),
        "may_remove": _moderated(actor, "post__group"),
    }
