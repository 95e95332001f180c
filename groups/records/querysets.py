"""Which rows: the questions about groups and people that every other app starts from. All take `now`.

One rule has one place: a right is a row in force, of an account that is not closed (`access.GrantQuerySet`). Lists,
single objects, refusals and recipients all read it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Case, Exists, Max, Min, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from groups import roles
from groups.roles import Hat
from portal.core import outbox
from portal.core.access import GrantQuerySet, Keys
from portal.core.actor import Actor
from portal.core.models import User
from portal.core.searching import Abc


def active_at(now: datetime, prefix: str = "") -> Q:
    """Half-open: from `valid_from` on, up to but not at `valid_until`."""
    return Q(**{f"{prefix}valid_from__lte": now}) & unended_at(now, prefix)


def unended_at(now: datetime, prefix: str = "") -> Q:
    """Begun or not, and not over at `now`."""
    return Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": now})


def at_school_at(now: datetime, prefix: str = "") -> Q:
    """The child has not left at `now`; the day it will leave may be known."""
    return Q(**{f"{prefix}left_at__isnull": True}) | Q(**{f"{prefix}left_at__gt": now})


def open_at(now: datetime, prefix: str = "") -> Q:
    """The school was opened: from then on parents come in."""
    return Q(**{f"{prefix}opened_at__lte": now})


class PeriodQuerySet(models.QuerySet):
    def active(self, *, now: datetime) -> Self:
        """Rows in force at `now`."""
        return self.filter(active_at(now))

    def open(self) -> Self:
        """Rows nobody ended yet, begun or not."""
        return self.filter(valid_until__isnull=True)

    def unended(self, *, now: datetime) -> Self:
        """Rows that hold at `now` or will: an end that is known and still to come has not come."""
        return self.filter(unended_at(now))


class SchoolYearQuerySet(models.QuerySet):
    def current(self, *, now: datetime) -> Self:
        return self.filter(starts_at__lte=now, ends_at__gt=now)


class RestrictionQuerySet(PeriodQuerySet):
    def against(self, user: User | OuterRef, *, now: datetime) -> Self:
        """What keeps `user` (a User or an OuterRef) from something at `now`, at whichever school (POL-65).

        Flat on purpose, as each has an end: it stands in the deepest questions there are, and SQLite reads no deeper.
        """
        return self.filter(valid_from__lte=now, valid_until__gt=now, user=user)

    def suspending(self, users: Iterable[int], *, school: int, now: datetime) -> Self:
        """What keeps any of these accounts out of one school."""
        return self.filter(valid_from__lte=now, valid_until__gt=now, user__in=users, school=school, kind="suspended")

    def silencing(self, user: User | OuterRef, *, now: datetime) -> Self:
        """Of these, what keeps a parent from writing about the own child too."""
        return self.against(user, now=now).filter(talk_until__gt=now)


def stopped(actor: Actor, model: type[models.Model], *, at: str, **kind: str) -> Exists:
    """Whether something keeps `actor` from it at the school in column `at`: for what is asked of tasks, not of rights.

    `model`: rows of a school.
    """
    school = model._meta.get_field("school").related_model
    restrictions: RestrictionQuerySet = school.restrictions.rel.related_model.objects  # type: ignore[union-attr]
    return Exists(restrictions.against(actor.user, now=actor.now).filter(school=OuterRef(at), **kind))


class MembershipQuerySet(models.QuerySet):
    def in_force(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`; reading lasts until the archive closes, powers do not."""
        until = "reads_until" if permission == roles.VIEW else "valid_until"
        return self.filter(role__in=roles.roles_with(permission), valid_from__lte=now, **{f"{until}__gt": now})

    def effective(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`, of people who have that right: who hears, and why.

        Example: Karima belongs to groep 4 as Noor's parent. While her access is limited she is here for `view_group`
        and nothing else; while it is suspended for nothing at that school (POL-65).
        """
        rights = self.model.group.field.related_model.grants.rel.related_model.objects.in_force(permission, now=now)
        theirs = rights.filter(user=OuterRef("user"), content_object=OuterRef("group"), hat=OuterRef("hat"))
        return self.in_force(permission, now=now).filter(Exists(theirs))

    def of(self, actor: Actor, permission: str) -> Self:
        """The same of one person, in both hats: each by the rights of its own."""
        groups = self.model.group.field.related_model.grants.rel.related_model.objects
        each = [Q(hat=hat, group__in=groups.of(actor.wearing(hat), permission)) for hat in (Hat.FAMILY, Hat.STAFF)]
        return self.in_force(permission, now=actor.now).filter(each[0] | each[1], user=actor.user)

    def to_come(self, actor: Actor) -> Self:
        """The own ones that have yet to begin: with the next school year, say."""
        return self.filter(user=actor.user.pk, valid_from__gt=actor.now)

    def held(self, permission: str, *, now: datetime) -> Self:
        """Reasons that carry `permission` at `now`, of accounts that are not closed, restricted or not: who belongs."""
        return self.in_force(permission, now=now).filter(user__is_active=True)


class GroupQuerySet(models.QuerySet):
    def permitting(self, actor: Actor, permission: str) -> Self:
        """Groups on which `actor` has the right to `permission`, in the hat worn or in any."""
        return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(actor, permission))

    def visible_to(self, actor: Actor) -> Self:
        """Groups whose page `actor` may open (POL-01, 04, 05).

        Example: a mother with a child in groep 4 sees groep 4 and the whole school, nothing else; a head teacher
        every group of the own school; a former parent nothing; everybody in at the end reads on until the archive
        closes.
        """
        return self.permitting(actor, roles.VIEW)

    def visible_pairs(self, users: Iterable[object], *, now: datetime, hat: str) -> models.QuerySet:
        """(user, group) for all of `users` at once: the same as asking `visible_to` for each of them in this hat."""
        rights: GrantQuerySet = self.model.grants.rel.related_model.objects.in_force(roles.VIEW, now=now)
        mine = rights.filter(hat=hat, user__in=users, content_object__in=self)
        return mine.values_list("user", "content_object").distinct()

    def writable_by(self, actor: Actor) -> Self:
        """Groups in which `actor` may place a message (POL-05, 06, 08): staff, and members inside their council."""
        return self.permitting(actor, roles.PUBLISH)

    def managed_by(self, actor: Actor) -> Self:
        """Groups whose people `actor` may see: own teachers and the directie."""
        return self.permitting(actor.wearing(roles.Hat.STAFF), roles.MANAGE)

    def in_reading_order(self) -> Self:
        """Classes first by level, then composite groups, councils, team and the whole school."""
        order = models.Case(
            *(models.When(kind=kind, then=place) for place, kind in enumerate(KIND_ORDER)),
            output_field=models.IntegerField(),
        )
        return self.order_by(order, "year_level", "name", "pk")


ADMITTED = ("with_authority", "daily_carer", "admitted_reader")
REACHED = (*ADMITTED, "unverified")
"""Whom school writes to and phones, or will as soon as somebody decides."""
TOLD_ON_PAPER = timedelta(weeks=6)
CLASS_KINDS = ("class", "composite", "pupils")
"""Groups whose staff is the team of the children in it; everybody serves the whole school."""
KIND_ORDER = ("class", "composite", "council", "staff", "school", "pupils")


class GuardianshipQuerySet(PeriodQuerySet):
    def admitted(self) -> Self:
        """Levels that let somebody read: with authority, caring daily, or admitted as a reader (POL-02, 03)."""
        return self.filter(level__in=ADMITTED)

    def talking(self) -> Self:
        """Levels that talk with school about the child: with authority, or caring for it daily (POL-02, 09)."""
        return self.filter(level__in=("with_authority", "daily_carer"))

    def kept_apart(self, *, now: datetime) -> Q:
        """Of a row with a `child`: whether a contact ban or a shield stands around that child at `now` (POL-30)."""
        banned = self.filter(level="contact_ban", child=OuterRef("child")).active(now=now)
        shields = self.model.child.field.related_model.shields.rel.related_model.objects.active(now=now)
        return Q(Exists(banned)) | Q(Exists(shields.filter(child=OuterRef("child"))))

    def family_of(self, child: str, *, now: datetime) -> Coalesce:
        """The family of the child in column `child`, as a text that is the same for each child of that family.

        A family is the children with the same caregivers with authority at `now`. Example: Noor and Ilyas, both of
        Karima and Said, are one family; Fenna, of Said and Lotte, is another. A guardian (voogd) ties nobody, for an
        institution has authority over children who never met; a child without anybody else stands alone. The lowest,
        the highest and the sum tell any two sets of at most three people apart; by law two have authority.
        """
        holders = self.filter(level="with_authority", child=OuterRef(child)).active(now=now).exclude(relation="voogd")
        numbers = [Cast(of_all("caregiver"), models.CharField()) for of_all in (Min, Max, Sum)]
        dashed = Concat(numbers[0], Value("-"), numbers[1], Value("-"), numbers[2])
        together = holders.order_by().values("child").annotate(holders=dashed).values("holders")
        return Coalesce(Subquery(together), Cast(child, models.CharField()))

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


class ContactChoiceQuerySet(models.QuerySet):
    def wanting(self, way: str, *, kind: str, school: models.Model, user: str = "pk") -> Q:
        """Whose mail about `kind` comes from `school` in this `way`: a condition on users, or on rows of a `user`.

        Who never chose is among those for whom that holds unchosen (POL-50).
        """
        rows = self.filter(school=school, kind=kind)
        if way == self.model.unchosen[kind]:
            return ~Q(**{f"{user}__in": rows.exclude(way=way).values("user")})
        return Q(**{f"{user}__in": rows.filter(way=way).values("user")})

    def on_phone(self, *, kind: str, school: models.Model, user: str = "pk") -> Q:
        """Whose phones show `kind` of `school` at once: a condition on users, or on rows of a `user`."""
        rows = self.filter(school=school, kind=kind)
        if self.model.unchosen_on_phone[kind]:
            return ~Q(**{f"{user}__in": rows.filter(on_phone=False).values("user")})
        return Q(**{f"{user}__in": rows.filter(on_phone=True).values("user")})

    def refusing(self, kind: str, *, school: models.Model) -> Self:
        """Choices against any mail about `kind` from `school`."""
        return self.filter(school=school, kind=kind, way="none")


class ChildQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The user's own children.

        Example: both parents with authority see the child; a father whose authority ended this morning does not.
        """
        family = actor.wearing(Hat.FAMILY)
        return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(family, roles.VIEW_CHILD))

    def parented_by(self, actor: Actor) -> Self:
        """The user's own children over whom the user has authority: a reader who was let in has none."""
        guardianships = self.model.guardianships.rel.related_model.objects.active(now=actor.now)
        mine = guardianships.filter(caregiver__user=actor.user.pk, level="with_authority", child=OuterRef("pk"))
        return self.visible_to(actor).filter(Exists(mine))

    def cared_for_by(self, actor: Actor) -> Self:
        """The user's own children about whom the user talks with school: with authority, or caring for them daily.

        Example: Noor's foster mother, whom the school named her daily carer, talks about Noor and decides nothing.
        """
        guardianships = self.model.guardianships.rel.related_model.objects.talking().active(now=actor.now)
        mine = guardianships.filter(caregiver__user=actor.user.pk, child=OuterRef("pk"))
        return self.visible_to(actor).filter(Exists(mine))

    def taught_by(self, actor: Actor) -> Self:
        """Children in a group that `actor` teaches now, but for her own children (POL-15): also while she did not come
        in as a parent yet.
        """
        if not actor.user.is_authenticated:
            return self.none()
        years = self.model.enrolments.rel.related_model.group.field.related_model.school_year.field.related_model
        serving = Q(
            group__assignments__staff__user=actor.user.pk,
            group__assignments__staff__user__is_active=True,
            group__assignments__role=roles.Role.TEACHER,
        )
        enrolments = self.model.enrolments.rel.related_model.objects.active(now=actor.now).filter(
            serving & active_at(actor.now, "group__assignments__"),
            group__school_year__in=years.objects.current(now=actor.now),
        )
        guardianships = self.model.guardianships.rel.related_model
        caregivers = keys_meaning(guardianships.caregiver.field.related_model.objects.all(), actor)
        own = guardianships.objects.active(now=actor.now).filter(caregiver__in=caregivers)
        return self.filter(Exists(enrolments.filter(child=OuterRef("pk"))), ~Exists(own.filter(child=OuterRef("pk"))))

    def of_others(self, actor: Actor) -> Self:
        """Children of other families than the user's own: for what nobody decides about the own family."""
        guardianships = self.model.guardianships.rel.related_model
        caregivers = keys_meaning(guardianships.caregiver.field.related_model.objects.all(), actor)
        own = guardianships.objects.unended(now=actor.now).filter(caregiver__in=caregivers)
        return self.filter(~Exists(own.filter(child=OuterRef("pk"))))

    def directed_by(self, actor: Actor) -> Self:
        """Every child of the schools `actor` directs, also who left."""
        schools = self.model.school.field.related_model.objects.keys_of(actor, roles.DIRECT)
        return self.filter(school__in=schools)

    def shielded(self, *, now: datetime) -> Self:
        """Children whom the school shields: a secret address or school."""
        shields = self.model.shields.rel.related_model.objects.active(now=now)
        return self.filter(Exists(shields.filter(child=OuterRef("pk"))))

    def nameable_to(self, actor: Actor) -> Self:
        """Children who may be named to `actor`: all but the shielded of whom `actor` is neither team nor carer.

        The team: who serves a class of the child, and the directie. Every list, search, number, mail, print and file
        in which children stand asks this, so that a shielded child is missing everywhere in the same way.
        Example: Noor of groep 4 is shielded. Juf Anna of groep 4 and Noor's mother read her name; meester Tom of
        groep 5 finds no Noor, as if there were none.
        """
        return self.exclude(pk__in=self._hidden_from(actor))

    def hidden_from(self, actor: Actor) -> Self:
        """The others: shielded children who do not exist for `actor`."""
        return self.filter(pk__in=self._hidden_from(actor))

    def known_to(self, actor: Actor) -> Self:
        """Children of whose team `actor` is, own children, and oneself: who hears them named, shielded or not.

        Of the shielded this is the right to know, derived in `groups.records.services.truth`.
        """
        if not actor.user.is_authenticated:
            return self.none()  # "oneself" would be every child without an account
        tasks = self.model.school.field.related_model.assignments.rel.related_model.objects.active(now=actor.now)
        mine = tasks.filter(staff__user=actor.user, staff__user__is_active=True)
        serves = mine.filter(
            active_at(actor.now, "group__enrolments__"),
            group__enrolments__child=OuterRef("pk"),
            group__kind__in=CLASS_KINDS,
            group__school_year__starts_at__lte=actor.now,
            group__school_year__ends_at__gt=actor.now,
        )
        directs = mine.filter(school=OuterRef("school"), group=None, role=roles.Role.DIRECTIE)
        guardianships = self.model.guardianships.rel.related_model.objects.admitted().active(now=actor.now)
        cares = guardianships.filter(caregiver__user=actor.user, child=OuterRef("pk"))
        return self.filter(Exists(serves) | Exists(directs) | Exists(cares) | Q(user=actor.user))

    def _hidden_from(self, actor: Actor) -> models.QuerySet:
        """By key, from the few who are shielded: nobody's page pays for it where there are none."""
        shields: PeriodQuerySet = self.model.shields.rel.related_model.objects.active(now=actor.now)
        return shields.exclude(child__in=self._known_shielded(actor)).values("child")

    def _known_shielded(self, actor: Actor) -> Keys:
        """The shielded children whom `actor` hears named all the same, whichever hat is worn."""
        rights: GrantQuerySet = self.model.grants.rel.related_model.objects
        return rights.of(actor.wearing(Hat.ANY), roles.KNOW_CHILD)

    def hides(self, actor: Actor, *, at: str) -> Q:
        """Rows whose child, at this path, is shielded and nobody to `actor`."""
        return active_at(actor.now, f"{at}__shields__") & ~Q(**{f"{at}__in": self._known_shielded(actor)})

    def discussed_by(self, actor: Actor) -> Self:
        """Children about whom `actor` turns to the other side (POL-09): as a parent, or as a teacher of theirs.

        A parent whose access is limited or suspended does so too, unless that was closed as well; staff do not.
        """
        restrictions = self.model.school.field.related_model.restrictions.rel.related_model.objects
        is_family = actor.hat == roles.Hat.FAMILY
        known = self.cared_for_by(actor) if is_family else self.taught_by(actor)
        stopping = restrictions.silencing if is_family else restrictions.against
        return known.filter(~Exists(stopping(actor.user.pk, now=actor.now).filter(school=OuterRef("school"))))

    def visible_pairs(self, users: Iterable[object], *, now: datetime) -> models.QuerySet:
        """(user, child) for all of `users` at once: the same as asking `visible_to` for each of them."""
        rights: GrantQuerySet = self.model.grants.rel.related_model.objects.in_force(roles.VIEW_CHILD, now=now)
        return rights.filter(user__in=users, content_object__in=self).values_list("user", "content_object")

    def enrolled_in(self, groups: models.QuerySet | Iterable[models.Model | int], *, now: datetime) -> Self:
        """Children who are in one of `groups` at `now`."""
        enrolments = self.model.enrolments.rel.related_model.objects.active(now=now)
        return self.filter(Exists(enrolments.filter(child=OuterRef("pk"), group__in=groups)))

    def in_name_order(self) -> Self:
        return self.order_by(Abc("first_name"), Abc("last_name"), "pk")


def unreached_since(now: datetime) -> Case:
    """Since when mail of the school does not reach somebody in its roster: the account, else the address in the roster.

    Nothing once a mail was taken again. What another school mailed to the same account is that school's to see.
    """
    refused = outbox.refused(now=now).filter(school_uid=OuterRef("school__uid")).order_by("settled_at")
    account = refused.filter(recipient=OuterRef("user")).values("settled_at")[:1]
    address = refused.filter(recipient=None, address=OuterRef("email")).values("settled_at")[:1]
    return Case(When(user__isnull=False, then=Subquery(account)), default=Subquery(address))


def keys_meaning(caregivers: models.QuerySet, actor: Actor) -> models.QuerySet:
    """Of the records that are `actor`: claimed, or nobody's yet with an address that `actor` proved.

    Example: Petra directs the school before it opens. The list has her as Noor's mother, with her own address: Noor
    is her child already, and somebody else decides about Noor's father.
    """
    if actor.user is None:  # the clock is nobody's parent
        return caregivers.none()
    proved = EmailAddress.objects.filter(user=actor.user.pk, verified=True).values("email")
    # Two questions: for an "or" of them the database would look at the records of every school.
    free = caregivers.filter(user__isnull=True, email__in=proved)
    return caregivers.filter(user=actor.user.pk).values("pk").union(free.values("pk"))


class CaregiverQuerySet(models.QuerySet):
    def unreached(self, *, now: datetime) -> Self:
        """Whom mail of the school does not reach, of the adults of children here; not of a contact ban."""
        here = self._guardianships(now).filter(at_school_at(now, "child__")).exclude(level="contact_ban")
        return self.filter(Exists(here)).alias(refused_at=unreached_since(now)).filter(refused_at__isnull=False)

    def written_to_no_more(self, *, now: datetime) -> Self:
        """Whose postal address no letter needs: nobody's adult here any more, nor waiting for that; or of a household
        that is shielded.

        Who has no account is told on paper of a refusal: so the address stays for six weeks after it.
        """
        guardianships = self._guardianships(now)
        children = self.model.guardianships.rel.related_model.child.field.related_model.objects.shielded(now=now)
        told = Q(decided_by__isnull=False, decided_at__gt=now - TOLD_ON_PAPER, caregiver__user__isnull=True)
        here = Exists(guardianships.filter(at_school_at(now, "child__")).filter(Q(level__in=REACHED) | told))
        return self.exclude(postal_address="").filter(~here | Exists(guardianships.filter(child__in=children)))

    def phoned_no_more(self, *, now: datetime) -> Self:
        """Whose number the list to phone does not need: nobody's adult here any more, nor waiting for that."""
        here = Exists(self._guardianships(now).filter(at_school_at(now, "child__"), level__in=REACHED))
        return self.exclude(phone="").filter(~here)

    def _guardianships(self, now: datetime) -> "GuardianshipQuerySet":
        rows: GuardianshipQuerySet = self.model.guardianships.rel.related_model.objects.unended(now=now)
        return rows.filter(caregiver=OuterRef("pk"))

    def admitted(self, *, now: datetime) -> Self:
        """Caregivers with an admitted guardianship that has not ended, over a child that has not left."""
        guardianships = self.model.guardianships.rel.related_model.objects.admitted().unended(now=now)
        return self.filter(Exists(guardianships.filter(at_school_at(now, "child__"), caregiver=OuterRef("pk"))))

    def claimable_by(self, addresses: Iterable[str], *, now: datetime) -> Self:
        """Records that come with a proved address: admitted, not taken, the only open record at that school with it.

        Example: Said's own address claims Said's record; an address that two caregivers of one school share claims
        neither, whatever the level of the other: both get a letter. So does whose address brought somebody else in.
        Of a school that is not open yet nobody claims anything.
        """
        return self.with_address(addresses).known_by_own_address(now=now).filter(open_at(now, "school__"))

    def known_by_own_address(self, *, now: datetime) -> Self:
        """Records whose address tells who it is, whether the school opened or not."""
        guardianships = self.model.guardianships.rel.related_model.objects.unended(now=now)
        others = self.model._default_manager.filter(school=OuterRef("school"), email=OuterRef("email"))
        others = others.exclude(pk=OuterRef("pk")).filter(Exists(guardianships.filter(caregiver=OuterRef("pk"))))
        mine = self.admitted(now=now).filter(letter_only=False, user__isnull=True).exclude(email="")
        return mine.filter(~Exists(others))

    def with_address(self, addresses: Iterable[str]) -> Self:
        """Records under one of these addresses that nobody came in with yet."""
        return self.filter(email__in=[a for a in addresses if a], user__isnull=True)


class StaffQuerySet(models.QuerySet):
    def unreached(self, *, now: datetime) -> Self:
        """Whom mail of the school does not reach, of who serves it."""
        return self.serving(now=now).alias(refused_at=unreached_since(now)).filter(refused_at__isnull=False)

    def serving(self, *, now: datetime) -> Self:
        """Staff with a task that is not over, begun or not: who leaves on 1 August serves until then."""
        assignments = self.model.assignments.rel.related_model.objects.unended(now=now)
        return self.filter(Exists(assignments.filter(staff=OuterRef("pk"))))

    def directed_by(self, actor: Actor) -> Self:
        """Everybody on the staff of the schools `actor` directs."""
        schools = self.model.school.field.related_model.objects.keys_of(actor, roles.DIRECT)
        return self.serving(now=actor.now).filter(school__in=schools)

    def configured_by(self, actor: Actor) -> Self:
        """Everybody on the staff of the schools whose details `actor` keeps: the directie and the IT administrator."""
        schools = self.model.school.field.related_model.objects.configured_by(actor)
        return self.serving(now=actor.now).filter(school__in=schools)

    def enterable(self, *, now: datetime) -> Self:
        """Serving staff whose way in a person at school may make: not of who needs a second factor, who is invited."""
        tasks = self.model.assignments.rel.related_model.objects.unended(now=now)
        weighty = tasks.filter(staff=OuterRef("pk"), role__in=roles.NEEDS_SECOND_FACTOR)
        return self.serving(now=now).filter(~Exists(weighty))

    def came_in(self, staff: Iterable[int]) -> list[int]:
        """The accounts of those of these members of staff who came in."""
        users = self.filter(pk__in=staff, user__isnull=False).values_list("user", flat=True)
        return sorted(set(users))

    def unsettled(self, *, now: datetime) -> Self:
        """Who came in by letter or by a typed address, and of whom no colleague said yet that it is them."""
        return self.filter(settles_at__gt=now)

    def knowable_by(self, actor: Actor) -> Self:
        """Unsettled colleagues of whom `actor`, on the same staff, may say "that is them".

        Not oneself, nor who typed the address or printed a letter, nor while the own access is limited (POL-65).
        Example: Petra prints the letter of juf Bo; Anna says that she knows her, Petra cannot.
        """
        mine = self.held_by(actor).exclude(settles_at__gt=actor.now).values("school")
        printed = self.model.invitations.rel.related_model.objects.filter(made_by=actor.user.pk).values("staff")
        rows = self.serving(now=actor.now).unsettled(now=actor.now).filter(school__in=mine).exclude(user=actor.user.pk)
        rows = rows.filter(~stopped(actor, self.model, at="school"))
        return rows.exclude(pk__in=printed.filter(staff__isnull=False)).filter(
            ~Q(email_by=actor.user.pk) | Q(email_by=None)
        )

    def met_by(self, actor: Actor) -> Self:
        """The colleagues of `actor` who came in, but for the own records; none for who is suspended (POL-65)."""
        mine = self.held_by(actor).values("school")
        rows = self.serving(now=actor.now).filter(~stopped(actor, self.model, at="school", kind="suspended"))
        return rows.filter(school__in=mine, user__isnull=False).exclude(user=actor.user.pk)

    def held_by(self, actor: Actor) -> Self:
        """The records `actor` has on a staff."""
        if not actor.user.is_authenticated:
            return self.none()
        return self.serving(now=actor.now).filter(user=actor.user.pk, user__is_active=True)

    def claimable_by(self, addresses: Iterable[str], *, now: datetime) -> Self:
        """Records that come with a proved address: serving, not taken, the only serving one of that school with it.

        A record that no roster knows, or one with a task that needs a second factor (a directie, whatever roster
        adopted the record), is claimed only while its invitation is open.
        """
        others = self.model._default_manager.filter(school=OuterRef("school"), email=OuterRef("email"))
        others = others.serving(now=now).exclude(pk=OuterRef("pk"))
        invitations = self.model.invitations.rel.related_model.objects.usable(now=now).by_mail()
        invited = Exists(invitations.filter(staff=OuterRef("pk")))
        tasks = self.model.assignments.rel.related_model.objects.unended(now=now)
        weighty = Exists(tasks.filter(staff=OuterRef("pk"), role__in=roles.NEEDS_SECOND_FACTOR))
        mine = self.serving(now=now).with_address(addresses).filter(~Exists(others))
        return mine.filter(invited | (~Q(roster_key="") & ~weighty))

    def with_address(self, addresses: Iterable[str]) -> Self:
        """Records under one of these addresses that nobody came in with yet."""
        return self.filter(email__in=[a for a in addresses if a], user__isnull=True)


class InvitationQuerySet(models.QuerySet):
    def by_mail(self) -> Self:
        """Without a code on paper: the mail to a first directie or IT administrator."""
        return self.filter(code_hash="")

    def open(self) -> Self:
        """Not used and not withdrawn; perhaps too old."""
        return self.filter(state="open")

    def usable(self, *, now: datetime) -> Self:
        """Open and not expired."""
        return self.open().filter(expires_at__gt=now)


class ClaimQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Whose account still has the record."""
        return self.filter(ended_at__isnull=True)

    def made_at_school(self) -> Self:
        """By a way in that one person at school can make up: a letter, or a list with another address."""
        return self.exclude(how="address")

    def unsettled(self, *, now: datetime) -> Self:
        """People of whom nobody at school said yet that it is them; flat, as it stands in deep questions."""
        return self.filter(settles_at__gt=now)

    def told_to(self, actor: Actor) -> Self:
        """Who came in so as a caregiver of a child that `actor` teaches; never about the own family.

        While `actor` is suspended nobody (POL-65).
        """
        caregivers = self.model.caregiver.field.related_model
        guardianships = caregivers.guardianships.rel.related_model.objects.admitted().active(now=actor.now)
        children = guardianships.model.child.field.related_model.objects.taught_by(actor)
        known = guardianships.filter(caregiver=OuterRef("caregiver"), child__in=children)
        here = self.made_at_school().filter(~stopped(actor, caregivers, at="caregiver__school", kind="suspended"))
        return here.filter(Exists(known))

    def confirmable_by(self, actor: Actor) -> Self:
        """Claims of which `actor` may say "I know this person": a teacher of a child of this caregiver.

        Not who printed the letter, nor who directs the school or looks after its machine; nor while the own access is
        limited (POL-65). Example: Petra prints the letter of Noor's mother. Juf Anna, who teaches Noor, confirms; Petra
        cannot, also not in the year in which she teaches groep 4 herself.
        """
        schools = self.model.caregiver.field.related_model.school.field.related_model.objects
        rows = self.told_to(actor).open().unsettled(now=actor.now)
        rows = rows.filter(~stopped(actor, self.model.caregiver.field.related_model, at="caregiver__school"))
        return rows.exclude(letter__made_by=actor.user.pk).exclude(caregiver__school__in=schools.configured_by(actor))


class RosterUploadQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """What was handed in for the schools `actor` directs; nobody else knows that it exists."""
        return self.filter(school__in=self.model.school.field.related_model.objects.directed_by(actor))

    def unfinished(self) -> Self:
        """Work that a task has to do, or is doing."""
        return self.filter(state__in=("waiting", "planning", "applying"))

    def unsettled(self) -> Self:
        """What was read and not decided about, and what went wrong after which nothing newer was handed in."""
        newer = self.model.objects.filter(school=OuterRef("school"), uploaded_at__gt=OuterRef("uploaded_at"))
        return self.filter(Q(state="planned") | Q(~Exists(newer), state__in=("refused", "failed")))

    def unclaimed(self, *, before: datetime) -> Self:
        """Unfinished work that nobody took, or that somebody took before `before` and never finished."""
        return self.unfinished().filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=before))


class SchoolQuerySet(models.QuerySet):
    def to_call(self) -> Self:
        """Open schools with a phone: whom anybody may call, also without signing in."""
        return self.filter(opened_at__isnull=False).exclude(phone="").order_by("name", "pk")

    def directed_by(self, actor: Actor) -> Self:
        """Schools of which `actor` is the directie now."""
        return self._permitting(actor, roles.DIRECT)

    def overseen_by(self, actor: Actor) -> Self:
        """Schools whose foundation named `actor` its case officer: handles what the directie is a party in, no more."""
        return self._permitting(actor, roles.OVERSEE)

    def watched_by(self, actor: Actor) -> Self:
        """Schools whose dossier `actor` opens: as their directie, or as their case officer."""
        return self._permitting(actor, roles.WATCH)

    def configured_by(self, actor: Actor) -> Self:
        """Schools whose details `actor` keeps: the directie's and the IT administrator's."""
        return self._permitting(actor, roles.CONFIGURE)

    def accounted_to(self, actor: Actor) -> Self:
        """Schools that show `actor` how they keep to their rules (POL-70): counts, and nobody's name.

        Their directie, the members of their councils (MR, OR) of this school year, and whom the foundation named.
        """
        councils = self.model.groups.rel.related_model.objects.visible_to(actor.wearing(Hat.ANY)).filter(
            kind="council", school_year__starts_at__lte=actor.now, school_year__ends_at__gt=actor.now
        )
        return self.watched_by(actor) | self.filter(pk__in=councils.values("school"))

    def _permitting(self, actor: Actor, permission: str) -> Self:
        """By a task for the school as a whole, whichever hat is worn."""
        return self.filter(pk__in=self.keys_of(actor, permission))

    def keys_of(self, actor: Actor, permission: str) -> Keys:
        """The keys of these, for an `__in`: on a page they are known, and no school is looked up again."""
        keys: Keys = self.model.grants.rel.related_model.objects.of(actor.wearing(Hat.STAFF), permission)
        return keys
