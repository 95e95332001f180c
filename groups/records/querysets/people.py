"""Which children, caregivers and staff."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When

from groups import roles
from groups.records.domain.ages import born_until
from groups.records.domain.levels import CONTACT_BAN, REACHED
from groups.records.querysets.periods import PeriodQuerySet, active_at, at_school_at, open_at
from groups.records.querysets.restrictions import stopped
from groups.records.querysets.schools import CLASS_KINDS
from groups.roles import Hat
from portal.core import outbox
from portal.core.access import GrantQuerySet, Keys
from portal.core.actor import Actor
from portal.core.searching import Abc

TOLD_ON_PAPER = timedelta(weeks=6)


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


class ChildQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The user's own children.

        Example: both parents with authority see the child; a father whose authority ended this morning does not.
        """
        family = actor.wearing(Hat.FAMILY)
        return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(family, roles.VIEW_CHILD))

    def parented_by(self, actor: Actor) -> Self:
        """The user's own children over whom the user has authority: a reader who was let in has none."""
        guardianships = self.model.guardianships.rel.related_model.objects.deciding().active(now=actor.now)
        mine = guardianships.filter(caregiver__user=actor.user.pk, child=OuterRef("pk"))
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

    def deciding_alone(self, *, now: datetime) -> Self:
        """Pupils of 16 and over, who decide about their own image and get a letter of their own (AVG art. 8).

        Example: Sanne turns sixteen on Tuesday; she is among them from Tuesday on.
        """
        return self.filter(at_school_at(now), birth_on__lte=born_until(now))

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


class CaregiverQuerySet(models.QuerySet):
    def unreached(self, *, now: datetime) -> Self:
        """Whom mail of the school does not reach, of the adults of children here; not of a contact ban."""
        here = self._guardianships(now).filter(at_school_at(now, "child__")).exclude(level=CONTACT_BAN)
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

    def _guardianships(self, now: datetime) -> PeriodQuerySet:
        rows: PeriodQuerySet = self.model.guardianships.rel.related_model.objects.unended(now=now)
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
