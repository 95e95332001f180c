"""Under which name and function somebody stands as evidence: as the school's roster says it, never as self-chosen.

What readers of a message see is the byline ("juf Anna"); who read, decided or removed something is a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet, Value

from groups.records.domain.names import TEACHER_WORD, full_name
from groups.records.models.memberships import Membership
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import School
from groups.records.models.truth import StaffAssignment
from groups.roles import FUNCTIONS, VIEW, Hat
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User

Row = TypeVar("Row")


class TrueName(NamedTuple):
    """`function` is empty for a parent."""

    name: str
    function: str

    def __str__(self) -> str:
        return ", ".join(filter(None, self))


class At(NamedTuple):
    """Somebody (by primary key) at a school; `side` where it is known whether as staff or as family."""

    user: int
    school: int
    side: str = ""


def true_names(people: Iterable[At], *, now: datetime) -> dict[At, TrueName]:
    """The roster's name and function of each at `now`, for any number; staff before family where no side is known.

    Somebody without a record at that school stands there by the name that another school's roster gave the account.
    """
    asked = set(people)
    if not asked:
        return {}
    users, schools = sorted({one.user for one in asked}), sorted({one.school for one in asked})
    records = [_Record(*row) for row in _records(users=users, schools=schools)]
    staff = {(row.user, row.school): row for row in records if row.is_staff}
    functions = true_functions(staff.values(), now=now)
    as_staff = {key: TrueName(row.full_name, functions[row.pk]) for key, row in staff.items()}
    as_family = {(row.user, row.school): TrueName(row.full_name, "") for row in records if not row.is_staff}
    known = {one: _known(one, as_staff, as_family) for one in asked}
    unknown = sorted({one.user for one, name in known.items() if name is None})
    accounts = {row.pk: row for row in _accounts(users=unknown)} if unknown else {}
    return {one: name or _called(accounts[one.user]) for one, name in known.items()}


class _Record(NamedTuple):
    """What a roster knows of an account, as one of its staff or as a child or caregiver."""

    kind: int
    pk: int
    user: int
    school: int
    first_name: str
    prefix: str
    last_name: str
    function: str
    function_chosen: bool

    @property
    def is_staff(self) -> bool:
        return self.kind == 0

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.prefix, self.last_name)


@compiled
def _records(users: list[int], schools: list[int]) -> QuerySet:
    """What the rosters of these schools know of these accounts: staff, children, caregivers, each the newest first."""
    no_function = (Value(""), Value(False))
    staff = _of(StaffMember.objects.all(), 0, "function", "function_chosen")
    family = (_of(Child.objects.all(), 1, *no_function), _of(Caregiver.objects.all(), 2, *no_function))
    asked = (rows.filter(user__in=users, school__in=schools) for rows in (staff, *family))
    return next(asked).union(*asked, all=True).order_by("kind", "-pk")


def _of(rows: QuerySet, kind: int, *function: str | Value) -> QuerySet:
    facts = ("kind", "pk", "user", "school", "first_name", "prefix", "last_name")
    return rows.annotate(kind=Value(kind)).values_list(*facts, *function)


@compiled
def _accounts(users: list[int]) -> QuerySet[User]:
    return User.objects.filter(pk__in=users)


def _known(one: At, as_staff: Mapping[Any, TrueName], as_family: Mapping[Any, TrueName]) -> TrueName | None:
    order = [as_family, as_staff] if one.side == Hat.FAMILY else [as_staff, as_family]
    return next((names[one.user, one.school] for names in order if (one.user, one.school) in names), None)


def _called(account: User) -> TrueName:
    return TrueName(account.name or account.email, "")


def true_functions(staff: Iterable[StaffMember | _Record], *, now: datetime) -> dict[int, str]:
    """What each does by the roster, or where the function was chosen by the tasks at `now`; of who has none any more
    by those that ended last.

    Example: in June, with next year's list taken over, "leerkracht groep 4" is not "leerkracht groep 5" yet.
    """
    rows = list(staff)
    chosen = [row.pk for row in rows if row.function_chosen]
    begun = StaffAssignment.objects.filter(staff__in=chosen, valid_from__lte=now)
    tasks = begun.select_related("group__school_year").order_by("pk")
    given: dict[int, list[StaffAssignment]] = defaultdict(list)
    for task in tasks if chosen else ():
        given[task.staff_id].append(task)
    return {row.pk: _of_tasks(given[row.pk], now) if row.function_chosen else row.function for row in rows}


def _of_tasks(tasks: Iterable[StaffAssignment], now: datetime) -> str:
    ends = {task: _end_of(task) for task in tasks}
    held = [task for task, end in ends.items() if end is None or end > now]
    last = max(filter(None, ends.values()), default=None)
    return ", ".join(filter(None, map(_task, held or [task for task, end in ends.items() if end == last])))


def _end_of(task: StaffAssignment) -> datetime | None:
    """One in a group ends with its school year, whether a list said so or not."""
    ends = (task.valid_until, task.group.school_year.ends_at if task.group else None)
    return min(filter(None, ends), default=None)


def _task(task: StaffAssignment) -> str:
    if task.group:
        return f"{TEACHER_WORD} {task.group.name.replace('Groep', 'groep')}"
    return FUNCTIONS.get(task.role, "")  # type: ignore[call-overload]


def names_at_school(actor: Actor) -> list[tuple[School, str]]:
    """Under which name each school knows `actor`, for the own page: who is called wrongly asks that school."""
    here = Membership.objects.held(VIEW, now=actor.now).filter(user=actor.user.pk).values("group__school")
    schools = list(School.objects.filter(pk__in=here).order_by("name", "pk"))
    names = true_names((At(actor.user.pk, school.pk) for school in schools), now=actor.now)
    return [(school, names[At(actor.user.pk, school.pk)].name) for school in schools]


def signed(rows: Iterable[Row], who: str, *, school: int | None = None, now: datetime) -> list[Row]:
    """The rows, each with `signed_<who>`: the true name and function at `now` of who stands in its field `who`.

    Else empty. At this school (by primary key), or at that of the row.
    """
    signed_rows: list[Any] = list(rows)
    who_at = [(row, getattr(row, f"{who}_id"), row.school_id if school is None else school) for row in signed_rows]
    names = true_names((At(pk, place, Hat.STAFF) for _row, pk, place in who_at if pk), now=now)
    for row, pk, place in who_at:
        setattr(row, f"signed_{who}", str(names[At(pk, place, Hat.STAFF)]) if pk else "")
    return signed_rows
