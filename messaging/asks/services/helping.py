"""Who helps: signing on and off for a task, in places that are taken once and a line that waits (docs/adr/0066)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from groups.models import Caregiver, Child, Group, GroupGrant, Guardianship, School
from groups.roles import REPLY, Hat
from messaging.asks.domain import HELP, PASS, HelpTask, moved_tasks, tasks_in
from messaging.asks.models import AskAnswer, Helper
from messaging.asks.policies import reads_answers
from messaging.asks.services.holding import children_in, held, hold_together
from messaging.asks.services.news import tell_a_place
from messaging.asks.services.together import STANDING, first_of, groups_of, kept_beside
from messaging.writings.models import Post
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.domain.moments import school_day


def sign_on(*, post: Post, task: int, ask_on: date, fingerprint: str = "", phone: str | None = None, by: Actor) -> bool:
    """Help with this task; whether there is a place, or one waits in line. Who signed on already only changes the
    number. `fingerprint`: the list on the page where it has this place.

    `phone` is shown to who has a place in the same task and to staff, until the day is over; without one the number
    that was given before stays. Never of who may not speak with other parents, nor where that would lead to a child
    that is shielded. Raises `PermissionDenied` where `by` answers for no child here, `AskedOtherwiseError`,
    `ValueError` for what is no task of it.
    """
    family = by.wearing(Hat.FAMILY)
    with transaction.atomic():
        posts, current = held(post, ask_on=ask_on, fingerprint=fingerprint, by=family)
        tasks = _tasks_of(current, task)
        access.demand(bool(children_in(posts, None, by=family)))
        first = first_of(current)
        shown = phone if may_show_phone(current, by=family) else ""
        row, is_new = Helper.objects.get_or_create(
            writing_id=first.pk, task=task, user=by.user, defaults={"phone": shown or ""}
        )
        if is_new:
            AskAnswer.objects.filter(user=by.user, writing__in=posts, answer=PASS).delete()
            places = tasks[task - 1].places
            if not _fill(first, task, places, but=row, by=by) and _let_go_of_who_left(first, task, now=by.now):
                _fill(first, task, places, but=row, by=by)
            row.refresh_from_db(fields=["place"])
        elif shown is not None and row.phone != shown:
            row.phone = shown
            row.save(update_fields=["phone"])
    return row.place is not None


def sign_off(*, post: Post, task: int, ask_on: date, fingerprint: str = "", by: Actor) -> None:
    """Help with this task no more; who waits the longest has the place, and hears it. Raises what `sign_on` raises."""
    family = by.wearing(Hat.FAMILY)
    with transaction.atomic():
        _, current = held(post, ask_on=ask_on, fingerprint=fingerprint, by=family)
        tasks, first = _tasks_of(current, task), first_of(current)
        Helper.objects.filter(writing=first.pk, task=task, user=by.user).delete()
        _fill(first, task, tasks[task - 1].places, by=by)


def leave_all(post: Post, *, by: Actor) -> None:
    """Not this time: `by` helps with nothing of it any more, in the transaction that holds the message."""
    first, tasks = first_of(post), tasks_in(post.tasks)
    mine = Helper.objects.filter(writing=first.pk, user=by.user)
    left = [*mine.values_list("task", flat=True)]
    mine.delete()
    for task in left:
        _fill(first, task, tasks[task - 1].places, by=by)


def _tasks_of(post: Post, task: int) -> list[HelpTask]:
    tasks = tasks_in(post.tasks) if post.ask == HELP else []
    if not 1 <= task <= len(tasks):
        raise ValueError(task)
    return tasks


def _let_go_of_who_left(first: Post, task: int, *, now: datetime) -> int:
    """Whoever talks with school about no child here any more holds no place; how many these were."""
    here = Helper.objects.filter(writing=first.pk, task=task)
    deleted, _ = here.exclude(pk__in=here.of_group(groups_of(first), now=now).values("pk")).delete()
    return deleted


def pass_places_on(*, now: datetime) -> None:
    """Whoever left holds no place from who waits, or from who is not asked while all places seem taken. Repeatable."""
    asking = Post.objects.filter(ask=HELP, ask_on__gt=school_day(now), state__in=STANDING).order_by("pk")
    for post in asking.filter(Exists(Helper.objects.filter(writing=OuterRef("pk")))):
        with transaction.atomic():
            hold_together(post)
            for task, one in enumerate(tasks_in(Post.objects.get(pk=post.pk).tasks), start=1):
                if _let_go_of_who_left(post, task, now=now):
                    _fill(post, task, one.places, by=clock(now))


def _fill(first: Post, task: int, places: int, *, but: Helper | None = None, by: Actor) -> bool:
    """Give the free places to who waits, in order; whether there was one. Never to who left, who would not hear it.

    Each hears it, `but` for who just came and reads it on the page.

    The message is held meanwhile; and should it not be, the table takes no place twice.
    """
    rows = Helper.objects.filter(writing=first.pk, task=task)
    taken = set(rows.values_list("place", flat=True))
    free = [place for place in range(1, places + 1) if place not in taken]
    waiting = rows.filter(place=None).of_group(groups_of(first), now=by.now).in_line()
    placed = list(zip(waiting, free, strict=False))
    for row, place in placed:
        row.place = place
        row.save(update_fields=["place"])
    if told := [row.user_id for row, _ in placed if row != but]:
        tell_a_place(first, task, told, by=by)
    return bool(placed)


def move_helpers(post: Post, was: str, *, by: Actor) -> None:
    """The tasks of this message changed: who helps goes along with the task, or off the list with it.

    Where there are fewer places than helpers, who came last waits, after who left; where there are more, who waited
    has one, and hears it. Nothing where the list hangs on another message.
    """
    if post.ask != HELP or first_of(post).pk != post.pk:
        return
    tasks = tasks_in(post.tasks)
    moved = moved_tasks(tasks_in(was), tasks)
    rows: dict[int, list[Helper]] = defaultdict(list)
    listed = Helper.objects.filter(writing=post.pk)
    here = set(listed.of_group(groups_of(post), now=by.now).values_list("pk", flat=True))
    for row in listed.in_line():
        rows[moved.get(row.task, 0)].append(row)
    listed.delete()
    for task, helpers in rows.items():
        if task:
            waited = [row for row in helpers if row.place is None]
            _seat_anew(helpers, task, tasks[task - 1].places, here)
            if placed := [row.user_id for row in waited if row.place is not None]:
                tell_a_place(post, task, placed, by=by)


def _seat_anew(helpers: Iterable[Helper], task: int, places: int, here: Collection[int]) -> None:
    """Who is `here` before who left, who had a place before who waited, each in the order in which they came."""
    order = sorted(helpers, key=lambda row: (row.pk not in here, row.place is None, row.pk))
    for number, row in enumerate(order, start=1):
        row.pk, row.task, row.place = None, task, number if number <= places else None
    Helper.objects.bulk_create(order)


def drop_helpers(post: Post) -> None:
    """Who helped on another day helps no more."""
    Helper.objects.filter(writing=post.pk).delete()


def forget_phones(*, now: datetime) -> int:
    """The day after, no number of a helper is left. Repeatable."""
    return Helper.objects.of_before(school_day(now)).exclude(phone="").update(phone="")


def may_show_phone(post: Post, *, by: Actor) -> bool:
    """Whether `by` may give others a number here: who may reply to all, and none of whose children is shielded."""
    if not _speaking(post, by).exists():
        return False
    return not Child.objects.cared_for_by(by).shielded(now=by.now).exists()


def _speaking(post: Post, actor: Actor) -> QuerySet:
    """The group it stands in, where `actor` may reply there."""
    return Group.objects.filter(pk__in=GroupGrant.objects.of(actor, REPLY), posts=post.pk)


class NamedHelper(NamedTuple):
    """Who helps, as staff or the others of the task read it; a name that the reader may not know is empty."""

    name: str
    phone: str
    waits: bool


@dataclass(frozen=True)
class TaskList:
    """A task with who helps and who waits, in order."""

    task: HelpTask
    helpers: tuple[NamedHelper, ...]

    @property
    def taken(self) -> int:
        return sum(not one.waits for one in self.helpers)


def helpers_of(post: Post, *, actor: Actor) -> list[TaskList]:
    """For staff of the group: each task with who helps; the numbers until the day is over. Nothing for anybody else."""
    if post.ask != HELP or not reads_answers(actor, post):
        return []
    first = first_of(post)
    rows = Helper.objects.filter(writing=first.pk).of_group(groups_of(first), now=actor.now).in_line()
    names = _names_for(actor, post.school, rows.values("user"))
    shown = bool(post.ask_on and post.ask_on >= school_day(actor.now))
    of_task: dict[int, list[NamedHelper]] = defaultdict(list)
    for row in rows:
        phone = row.phone if shown and row.user_id in names else ""
        of_task[row.task].append(NamedHelper(names.get(row.user_id, ""), phone, row.place is None))
    return [TaskList(task, tuple(of_task[place])) for place, task in enumerate(tasks_in(post.tasks), start=1)]


def _names_for(actor: Actor, school: School, users: QuerySet) -> Mapping[int, str]:
    """The names of adults, by user: of those with a child whom `actor` hears named."""
    children = Child.objects.nameable_to(actor)
    known = Guardianship.objects.talking().active(now=actor.now).filter(child__in=children, caregiver__user__in=users)
    caregivers = Caregiver.objects.filter(school=school, pk__in=known.values("caregiver"))
    return {row.user_id: row.full_name for row in caregivers if row.user_id}


def shown_phones(post: Post, *, actor: Actor) -> dict[int, list[tuple[str, str]]]:
    """By task the name and number of the others who want to be called, for who has a place in it and may reply here."""
    first = first_of(post)
    rows = Helper.objects.visible_to(actor).filter(Exists(_speaking(post, actor)), writing=first.pk).exclude(phone="")
    rows = rows.still_speaking_in(groups_of(first), now=actor.now)
    others = [(row.task, row.user_id, row.phone) for row in rows.in_line() if row.user_id != actor.user.pk]
    caregivers = Caregiver.objects.filter(school=post.school_id, user__in=[user for _, user, _ in others])
    names = {row.user_id: row.full_name for row in caregivers.order_by("-pk")}
    phones: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for task, user, phone in others:
        if user in names:
            phones[task].append((names[user], phone))
    return dict(phones)


class Helping(NamedTuple):
    """What somebody has a place in, and whether that one waits for a place in something."""

    tasks: Sequence[HelpTask]
    waits: bool


NO_HELP = Helping((), waits=False)


def helping_with(posts: Collection[Post], *, users: Collection[int]) -> dict[tuple[int, UUID], Helping]:
    """By user and key of the message (`Writing.together_key`), of all of these at once; who is on no list has none."""
    tasks = {post.together_key: tasks_in(post.tasks) for post in posts if post.ask == HELP}
    if not tasks:
        return {}
    listed: dict[tuple[int, UUID], list[Helper]] = defaultdict(list)
    rows = Helper.objects.filter(kept_beside(tasks), user__in=users).in_line()
    for row in rows.annotate(together=F("writing__written_together"), uid=F("writing__uid")):
        listed[row.user_id, row.together or row.uid].append(row)
    return {(user, key): _helping(tasks[key], helped) for (user, key), helped in listed.items()}


def _helping(tasks: Sequence[HelpTask], rows: Sequence[Helper]) -> Helping:
    placed = [tasks[row.task - 1] for row in rows if row.place is not None and row.task <= len(tasks)]
    return Helping(placed, waits=any(row.place is None for row in rows))


def export_helpers(post: Post, *, actor: Actor) -> list[TaskList]:
    """The same list for a file that leaves Kring, without any number: written down first, who took it along.

    Raises `PermissionDenied` for who does not manage the group.
    """
    with transaction.atomic():
        access.demand(reads_answers(actor, post))
        lists = helpers_of(post, actor=actor)
        adults = sum(len(one.helpers) for one in lists)
        audit.note("answers.exported", post, subject_kind="post", by=actor, children=0, adults=adults)
    return lists
