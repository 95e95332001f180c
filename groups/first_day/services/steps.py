"""What a new school sets up: each room says from its own wiring what it asks for and what is there (docs/adr/0049)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from groups.first_day.models import LeftStep
from groups.records.models.schools import School
from groups.records.policies import can_direct
from groups.records.querysets.periods import open_at
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.compiled import compiled
from portal.core.words import Words

GOES_ON = timedelta(days=28)
"""So long after the opening, as long as a letter is good, what is left of the first day still comes first."""


class Look(NamedTuple):
    """What a school has for a step: whether that is enough, one line about it, and the page with its one button."""

    is_done: bool
    line: str
    act: str
    url: str


@dataclass(frozen=True)
class Step:
    """One seat of the ring. `look` reads rows and nothing else; it can be done once those it is `after` are.

    With `may_be_left` a school can say that it does not apply.
    """

    name: str
    order: int
    label: Words
    look: Callable[[School, Actor], Look]
    after: tuple[str, ...] = ()
    may_be_left: bool = False


class State(StrEnum):
    """How a step stands: done, the next one, possible too, not possible yet, or left."""

    DONE = "is"
    NEXT = "now"
    POSSIBLE = "can"
    LATER = "not"
    LEFT = "left"


class StepSeat(NamedTuple):
    """A step at one school. `waits_for`: what has to be done before it."""

    number: int
    step: Step
    look: Look
    state: State
    waits_for: list[Words]
    left: LeftStep | None

    @property
    def is_taken(self) -> bool:
        return self.state in (State.DONE, State.LEFT)


_steps: dict[str, Step] = {}


def step_page(route: str, school: School) -> str:
    """The page of a step, about this school; from there the way back is the first day."""
    return f"{address(route)}?school={school.uid}&eerste-dag"


def register(*steps: Step) -> None:
    """Called from `AppConfig.ready`."""
    for step in steps:
        _steps[step.name] = step


def steps() -> list[Step]:
    """All of them, in the order in which a school does them."""
    return sorted(_steps.values(), key=lambda step: step.order)


def seats_of(school: School, *, by: Actor) -> list[StepSeat]:
    """How each step stands at this school; the first that can be done is the next one."""
    left = {row.step: row for row in LeftStep.objects.filter(school=school).select_related("left_by")}
    looks = {step.name: step.look(school, by) for step in steps()}
    settled = {name for name, look in looks.items() if look.is_done or name in left}
    following = next((step.name for step in steps() if step.name not in settled and settled.issuperset(step.after)), "")
    return [
        StepSeat(
            number,
            step,
            looks[step.name],
            _state(step, looks[step.name].is_done, settled, following),
            [_steps[name].label for name in step.after if name not in settled],
            left.get(step.name),
        )
        for number, step in enumerate(steps(), 1)
    ]


def _state(step: Step, is_done: bool, settled: Iterable[str], following: str) -> State:
    if is_done:
        return State.DONE
    if step.name in settled:
        return State.LEFT
    if step.name == following:
        return State.NEXT
    return State.POSSIBLE if set(settled).issuperset(step.after) else State.LATER


def first_days_of(actor: Actor) -> list[School]:
    """The schools that `actor` directs whose first day goes on: not open yet, or open lately with something left."""
    return [school for school in _young(actor=actor, since=actor.now - GOES_ON) if not is_over(school, by=actor)]


@compiled
def _young(actor: Actor, since: datetime) -> QuerySet[School]:
    schools = School.objects.directed_by(actor).order_by("name", "pk")
    return schools.filter(Q(opened_at=None) | ~open_at(since))


def is_over(school: School, *, by: Actor) -> bool:
    """Whether nothing of the first day is left at this school."""
    return school.opened_at is not None and all(seat.is_taken for seat in seats_of(school, by=by))


def find_step(name: str) -> Step | None:
    """A step that a school may leave, by its name."""
    step = _steps.get(name)
    return step if step and step.may_be_left else None


def leave_step(*, school: School, step: Step, by: Actor) -> None:
    """Say that this step does not apply to `school`; idempotent. For its directie. Raises `PermissionDenied`."""
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(step.may_be_left and can_direct(by, school))
        _, made = LeftStep.objects.get_or_create(
            school=school, step=step.name, defaults={"left_by": by.user, "left_at": by.now}
        )
        if made:
            audit.note("first_day.left", school, by=by, subject_kind="school", step=step.name)


def take_step(*, school: School, step: Step, by: Actor) -> None:
    """Say that it does after all; idempotent. For its directie. Raises `PermissionDenied`."""
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        removed, _ = LeftStep.objects.filter(school=school, step=step.name).delete()
        if removed:
            audit.note("first_day.taken", school, by=by, subject_kind="school", step=step.name)
