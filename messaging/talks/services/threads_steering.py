"""A conversation that threatens to derail: the directie asked in, and what the directie does with it (POL-64)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef

from groups.models import Guardianship
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from messaging.talks.models import Came, Participation, StepKind, Thread, ThreadState, ThreadStep
from messaging.talks.policies import can_join_directie, can_steer
from messaging.talks.querysets import directing
from messaging.talks.services.message_news import tell_of_step
from messaging.talks.services.newcomers import follow_tasks, let_read
from messaging.talks.services.threads import byline_in
from messaging.writings.domain.text import tidy_word, tidy_word_if_any
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.transitions import holding, move


class ThreadOverError(PermissionDenied):
    """The conversation was closed for good."""


def join_directie(*, thread: Thread, by: Actor) -> Thread:
    """Ask the directie in: from then on it reads the conversation, also what was said before, and writes in it.

    Everybody in it sees that as a line, and gets a mail. Asking for what is there already changes nothing: two who ask
    at once make one line. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(thread.school_id)
        current = _locked(thread)
        if current.directie_since and current.directie_since <= by.now and _is_in(current, by):
            return current
        access.demand(can_join_directie(by, current))
        current.directie_since, current.directie_by = by.now, by.user
        current.save(update_fields=["directie_since", "directie_by"])
        _let_in(current, by.now)
        audit.note(f"thread.{StepKind.DIRECTIE}", current, by=by, hat=Hat(by.hat).value)
        _tell(current, StepKind.DIRECTIE, by=by)
    return current


def freeze_thread(*, thread: Thread, word: str = "", by: Actor) -> Thread:
    """Nobody writes, changes or takes back anything any more, until the directie opens it again.

    Freezing what is frozen changes nothing. Raises `PermissionDenied`, a `TextRefusedError`; `ThreadOverError` when it
    was closed.
    """
    return _steer(thread, StepKind.FROZEN, ThreadState.FROZEN, tidy_word_if_any(word), by=by)


def reopen_thread(*, thread: Thread, word: str = "", by: Actor) -> Thread:
    """Everybody in it writes again. Opening what is open changes nothing.

    Raises `PermissionDenied`, a `TextRefusedError`; `ThreadOverError` when it was closed.
    """
    return _steer(thread, StepKind.REOPENED, ThreadState.OPEN, tidy_word_if_any(word), by=by)


def close_thread(*, thread: Thread, word: str, by: Actor) -> Thread:
    """End the conversation for good, with a word to everybody in it; reading stays. The first closing counts.

    Raises `PermissionDenied`, a `TextRefusedError`.
    """
    return _steer(thread, StepKind.CLOSED, ThreadState.CLOSED, tidy_word(word), by=by)


def _steer(thread: Thread, kind: StepKind, state: ThreadState, word: str, *, by: Actor) -> Thread:
    with holding(thread, by=by.wearing(Hat.STAFF), lock=_locked, may=can_steer) as current:
        if current.state == state:
            return current
        if current.state == ThreadState.CLOSED:
            raise ThreadOverError
        move(current, state, by=by, verb=f"thread.{kind}", facts={"hat": Hat.STAFF.value})
        _tell(current, kind, word=word, by=by.wearing(Hat.STAFF))
    return current


def _locked(thread: Thread) -> Thread:
    return Thread.objects.select_for_update(of=("self",)).select_related("school").get(pk=thread.pk)


def _is_in(thread: Thread, by: Actor) -> bool:
    return Thread.objects.visible_to(by).filter(pk=thread.pk).exists()


def _let_in(thread: Thread, now: datetime) -> None:
    """A chair for each of the directie but of the own family, who reads what was said before too: who asks for help
    shows what happened.

    Who is to become it comes in the second of that task, with a line of its own, and reads from then on.
    """
    family = Guardianship.objects.active(now=now).filter(child=thread.child_id).of_people(OuterRef("staff__user"))
    tasks = directing(thread.school_id, now=now).filter(~Exists(family)).order_by("valid_from", "pk")
    serving = dict(tasks.values_list("staff", "valid_until"))
    Participation.objects.bulk_create(
        Participation(
            thread=thread,
            staff_id=staff,
            came=Came.DIRECTIE,
            valid_from=now,
            valid_until=until,
            reads_from=thread.created_at,
        )
        for staff, until in serving.items()
    )
    follow_tasks(school=thread.school, by=clock(now))
    let_read(Participation.objects.filter(thread=thread, came=Came.DIRECTIE), thread.school)


def _tell(thread: Thread, kind: StepKind, *, by: Actor, word: str = "") -> None:
    """The line in the conversation, and the mail to everybody else in it."""
    signed = byline_in(thread, by=by)
    step = ThreadStep.objects.create(
        thread=thread,
        kind=kind,
        by=by.user,
        by_name=signed.name,
        by_function=signed.function,
        word=word,
        at=by.now,
    )
    tell_of_step(step=step, now=by.now)
