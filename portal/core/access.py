"""The one door to rights on objects; the only module that knows django-guardian.

A right is a row: user × permission × container × hat, from when until when (docs/adr/0033). It follows from the truth
and is written in the transaction that changes the truth; reading is one indexed join at `now`. Global permissions and
superusers are never consulted.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from portal.core import compiled, held
from portal.core.actor import Actor

School = TypeVar("School", bound=models.Model)
WRITE_BATCH = 2000
GRANT = ("user_id", "permission_id", "content_object_id", "hat", "valid_from", "valid_until")
"""The columns of a right, as `Projection.project` gives them."""


Keys = models.QuerySet | Sequence[int]
"""For an `__in`: a subquery, or keys read for this page."""


class GrantQuerySet(models.QuerySet):
    def in_force(self, permission: str, *, now: datetime) -> Self:
        """Rights to `permission` at `now`: begun, not over, of an account that is not closed.

        Who hears of something and who is told ask this; it is `of`, read from the other end.
        """
        return self.standing(now=now).filter(permission_id=permission_id(permission))

    def standing(self, *, now: datetime) -> Self:
        """Every right that is begun, not over, and of an account that is not closed."""
        return self.lasting(now=now).filter(user__is_active=True)

    def lasting(self, *, now: datetime | models.OuterRef) -> Self:
        """The same of any account: for who reads a page, of whom it is known already."""
        unended = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
        return self.filter(unended, valid_from__lte=now)

    def held_by(self, actor: Actor, *permissions: str) -> Self:
        """The rights of `actor` to any of these permissions, in the hat worn or in any."""
        if not actor.user.is_authenticated:
            return self.none()
        wanted = [permission_id(one) for one in permissions]
        mine = self.lasting(now=actor.now).filter(permission_id__in=wanted, user=actor.user)
        mine = mine if held.held_by(actor.user, actor.now) else mine.filter(user__is_active=True)
        return mine.filter(hat=actor.hat) if actor.hat else mine

    def of(self, actor: Actor, permission: str) -> Keys:
        """The containers on which `actor` has `permission`."""
        return self._of(actor, permission, "content_object")

    def schools_of(self, actor: Actor, permission: str) -> Keys:
        """The schools of these containers, likewise."""
        return self._of(actor, permission, _on(self.model).school, of_schools=True)

    def _of(self, actor: Actor, permission: str, path: str, *, of_schools: bool = False) -> Keys:
        if _on(self.model).few:
            slot = held.Slot(permission_id(permission), actor.hat, of_schools)
            keys = held.keys_of(actor.user, actor.now, slot)
            if keys is not None:
                return keys
        return self.held_by(actor, permission).values(path)


class Grant(UserObjectPermissionBase):
    """Base of the models of rights, one for each kind of container (`content_object`, a real foreign key).

    Nobody edits them and nothing points to them. Without `valid_until` there is no end yet.
    """

    hat = models.CharField(max_length=10)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    objects: ClassVar[GrantQuerySet] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["user", "permission", "content_object", "hat", "valid_from"],
                name="%(app_label)s_%(class)s_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="%(app_label)s_%(class)s_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "permission", "valid_until", "content_object"], name="%(app_label)s_%(class)s_read"
            )
        ]


class Drift(NamedTuple):
    """What the reconciliation found: rows that should be there, and rows that should not."""

    missing: int
    extra: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra)

    def plus(self, other: "Drift") -> "Drift":
        return Drift(self.missing + other.missing, self.extra + other.extra)


class People(NamedTuple):
    """Whose truth changed, or whom that touches: keys of accounts, of children, and of records of staff.

    A member of staff who never came in has no account and has chairs all the same: the record is named. `containers`
    are keys of what rights of one table are on: whoever has one on them is meant.
    """

    users: frozenset[int] = frozenset()
    children: frozenset[int] = frozenset()
    containers: frozenset[int] = frozenset()
    staff: frozenset[int] = frozenset()

    def plus(self, other: "People") -> "People":
        return People(
            self.users | other.users,
            self.children | other.children,
            self.containers | other.containers,
            self.staff | other.staff,
        )


def users_of(people: People | None) -> list[int] | None:
    """The accounts among them, in order; None: everybody."""
    return None if people is None else sorted(people.users)


def of_users(people: People) -> Q:
    return Q(user__in=sorted(people.users))


def of_users_and_children(people: People) -> Q:
    """Of rights on children."""
    return of_users(people) | Q(content_object__in=sorted(people.children))


def of_users_and_containers(people: People) -> Q:
    return of_users(people) | Q(content_object__in=sorted(people.containers))


@dataclass(frozen=True)
class Projection(Generic[School]):
    """A table whose rows follow from the truth.

    `project(school, people)` computes the rows of one school (None: of all) and of some people (None: of everybody), as
    tuples of `columns`. It is pure: it looks at no clock, so that past rows and those to come stand there too, and a
    right ends in its second without a job. `school` is the path from a row to its school, `of` says which rows are of
    these people, and `reach(people)` whose rows change with theirs. `hold(school, people)` locks what is read, where
    the school that the service holds is not enough.

    `spares(people)`, in one statement: these people have no rows, and move those of nobody. Then nothing else is asked;
    most changes are about people who are in none of a seldom table.

    `few`: rights of which a person has few, so that a page reads all at once.

    Where a change at one school moves rows at others (a family has children at two), `elsewhere(school)` says whose,
    when that whole school changed; the rows of people are then those of every school.
    """

    rows: type[models.Model]
    columns: tuple[str, ...]
    project: Callable[[School | None, People | None], Iterable[tuple]]
    school: str = "content_object__school"
    of: Callable[[People], Q] = of_users
    reach: Callable[[People], People] = lambda people: People()
    hold: Callable[[School | None, People | None], None] = lambda school, people: None
    elsewhere: Callable[[School], People] | None = None
    spares: Callable[[People], bool] = lambda people: False
    few: bool = False

    def within(self, school: School | None, people: People | None) -> models.QuerySet:
        rows = self.rows._default_manager.all()
        rows = rows.filter(**{self.school: school}) if school else rows
        return rows if people is None else rows.filter(self.of(people))

    def compare(self, school: School | None, people: People | None) -> tuple[set[tuple], list[int]]:
        """The rows that are missing, and the keys of those that should not be there."""
        present = {tuple(key): pk for pk, *key in _rows_of(of=self, school=school, people=people)}
        expected = {tuple(row) for row in self.project(school, people)}
        return expected - present.keys(), [pk for key, pk in present.items() if key not in expected]

    def follow(self, school: School | None, people: People | None) -> Drift:
        """Write what changed truth of this school, or of these people, moves."""
        if self.elsewhere is None or school is None:
            return self._write(school, people)
        if people is not None:
            return self._write(None, people)
        return self._write(school, None).plus(self._write(None, self.elsewhere(school)))

    def _write(self, school: School | None, people: People | None) -> Drift:
        if people is not None and self.spares(people):
            return Drift(0, 0)
        people = people and people.plus(self.reach(people))
        self.hold(school, people)
        missing, extra = self.compare(school, people)
        rows = self.rows._default_manager
        for first in range(0, len(extra), WRITE_BATCH):
            rows.filter(pk__in=extra[first : first + WRITE_BATCH]).delete()
        new = [self.rows(**dict(zip(self.columns, key, strict=True))) for key in sorted(missing, key=str)]
        rows.bulk_create(new, batch_size=WRITE_BATCH)
        return Drift(len(missing), len(extra))


@compiled.compiled
def _rows_of(of: Projection, school: models.Model | None, people: People | None) -> models.QuerySet:
    """The key and the columns of the rows there are."""
    return of.within(school, people).values_list("pk", *of.columns)


_projections: dict[str, Projection[Any]] = {}
_followers: dict[str, Callable[..., Drift]] = {}


def register(projection: Projection[Any]) -> None:
    """Called from `AppConfig.ready`; rows are written in this order."""
    _projections[projection.rows._meta.label] = projection


def register_follower(label: str, follow: Callable[..., Drift]) -> None:
    """What of an app follows from tasks and is not derived: `follow(school, by, now, write)`, before the rights."""
    _followers[label] = follow


def reproject(
    *,
    school: models.Model | None = None,
    users: Iterable[int] | None = None,
    children: Iterable[int] | None = None,
    containers: Iterable[int] | None = None,
    staff: Iterable[int] | None = None,
    only: type[models.Model] | tuple[type[models.Model], ...] | None = None,
) -> dict[str, Drift]:
    """Make everything that follows from the truth follow it, for a school, for some people, or for everybody.

    Called by whoever changes truth, in that transaction, once the change is written and what it reads is locked. With
    `only` these tables: for truth that nothing else is derived from; of one table `containers` are what changed.
    Returns per table what had to change; on a database in order that is nothing.
    """
    named = (users, children, containers, staff)
    anybody = all(keys is None for keys in named)
    people = None if anybody else People(*(frozenset(keys or ()) for keys in named))
    wanted = [one for one in _projections.values() if only is None or issubclass(one.rows, only)]
    with transaction.atomic(savepoint=False):
        return {one.rows._meta.label: one.follow(school, people) for one in wanted}


def drift(*, school: models.Model | None = None) -> dict[str, Drift]:
    """What `reproject` would change, per table, without changing anything."""
    drifts = {}
    for label, one in _projections.items():
        missing, extra = one.compare(school, None)
        drifts[label] = Drift(len(missing), len(extra))
    return drifts


def follow_tasks(*, school: models.Model, by: Actor, write: bool = True) -> dict[str, Drift]:
    """Let every app follow the tasks of a school as they are now; called by whoever changes a task, in that
    transaction and before the rights. Returns what differed; with `write` False nothing changes."""
    return {label: follow(school=school, by=by, write=write) for label, follow in _followers.items()}


def permission_id(permission: str) -> int:
    """The row of `app_label.codename`."""
    return _permission_ids()[permission]


@cache
def _permission_ids() -> dict[str, int]:
    """All of them, asked once a process, so that what a page asks does not depend on what was asked before."""
    rows = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    return {f"{app_label}.{codename}": pk for app_label, codename, pk in rows}


def forget_permissions(**_: object) -> None:
    """Permission rows are made anew by `migrate` and `flush`."""
    _permission_ids.cache_clear()
    compiled.forget()


@contextmanager
def reading(actor: Actor) -> Iterator[None]:
    """For a page that only reads: the rights of `actor` are read once, when the first of its questions needs them."""
    with held.holding(held.Held(actor.user, actor.now, lambda: _read(actor))):
        yield


def _read(actor: Actor) -> held.Keys:
    rows = _few(user=actor.user, now=actor.now) if actor.user.is_authenticated else []
    return held.in_slots(held.Right(*row) for row in rows)


@compiled.compiled
def _few(user: Any, now: datetime) -> models.QuerySet:
    """All rights of `user` of which a person has few."""
    tables = [(one.rows, _school_of(one)) for one in _projections.values() if one.few and issubclass(one.rows, Grant)]
    first, *others = [
        rows.objects.lasting(now=now).filter(user=user).values_list("permission", "hat", "content_object", school)
        for rows, school in tables
    ]
    return first.union(*others, all=True)


def _school_of(one: Projection) -> F | models.Subquery:
    """The school of a right, looked up for each: of so few rows a join takes longer to plan than to answer."""
    container, _, path = one.school.partition("__")
    if not path:
        return F(container)
    model = one.rows._meta.get_field(container).remote_field.model  # type: ignore[union-attr]
    return models.Subquery(model._base_manager.filter(pk=models.OuterRef(container)).values(path))


def may(user: AbstractBaseUser | AnonymousUser, permission: str, obj: models.Model, *, now: datetime) -> bool:
    """Whether `user` has the right on this one container at `now`, in either hat."""
    grants = _grants_on(type(obj))
    if grants is None or not user.is_active:
        return False
    return bool(_rights_on(grants=grants, permission=permission, obj=obj, user=user, now=now))


def _grants_on(model: type[models.Model]) -> type[Grant] | None:
    """The rights on containers of this kind; None where there are none."""
    kinds: list[Any] = [one.rows for one in _projections.values() if issubclass(one.rows, Grant)]
    return next((kind for kind in kinds if kind.content_object.field.related_model is model), None)


@compiled.compiled
def _rights_on(grants: Any, permission: str, obj: models.Model, user: Any, now: datetime) -> models.QuerySet:
    rows: GrantQuerySet = grants.objects.lasting(now=now)
    return rows.filter(permission_id=permission_id(permission), user=user, content_object=obj).values_list("pk")[:1]


def _on(rows: type[models.Model]) -> Projection[Any]:
    """How the rows of this table follow from the truth."""
    return _projections[rows._meta.label]


class Backend:
    """Makes the usual `user.has_perm("groups.view_group", group)` answer by the same rule as every list.

    Without an object the answer is no: there are no global rights in Kring, not for a superuser either. It signs
    nobody in.
    """

    def authenticate(self, request: object, **credentials: object) -> None:
        return None

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: models.Model | None = None) -> bool:
        return obj is not None and may(user_obj, perm, obj, now=timezone.now())


def demand(allowed: bool) -> None:
    """The refusal of a service: an insider without the power. Raises `PermissionDenied` (403)."""
    if not allowed:
        raise PermissionDenied


def declares(rule: str) -> Callable[[Callable], Callable]:
    """Marks a view with who may come there, in one sentence; the start-up check refuses a route without one."""

    def mark(view: Callable) -> Callable:
        view.kring_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def takes_files(view: Callable) -> Callable:
    """Marks a view whose form brings files; every other one takes a megabyte at most (`middleware.light_bodies`)."""
    view.kring_takes_files = True  # type: ignore[attr-defined]
    return view


def one_click(view: Callable) -> Callable:
    """Marks a view to which a webmail posts from its own page (RFC 8058): a signed link and nothing else says whose."""
    view.kring_one_click = True  # type: ignore[attr-defined]
    return view
