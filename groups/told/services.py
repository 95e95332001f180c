"""Telling somebody what school did, apart from why the school itself decided so; and the answer to it (POL-63, 66)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Subquery

from groups.records.models.schools import School
from groups.records.models.truth import Guardianship
from groups.records.services.bylines import byline_at
from groups.records.services.working import due_at_work
from groups.roles import Hat
from groups.told.models import Telling, TellingAnswer
from portal.core import audit, outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled, in_pages
from portal.core.models import User
from portal.core.noted import note, noted, on_every_page
from portal.core.submissions import AGAIN

TOLD = "told"
ANSWERED = "told_answered"
REMEMBERED = 600
"""Seconds for which it is remembered that nothing waits for somebody; whatever is told makes that anew."""
MOST_ANSWERS = 10


class EnoughAnswersError(Exception):
    """There are as many answers as one page holds: from here on people speak to each other."""


@dataclass(frozen=True)
class Said:
    """What the person reads of why: `words`; or why it is not told yet, and in which case it was decided."""

    words: str = ""
    withheld_because: str = ""
    case_uid: UUID | None = None


@dataclass(frozen=True)
class Addressee:
    """Whom it is told to: somebody of a school, as family or as staff."""

    user: User
    hat: str
    school: School


@dataclass(frozen=True)
class About:
    """The own text or photo that something was done to."""

    kind: str
    uid: UUID
    at: datetime | None


def tell(
    kind: str,
    *,
    to: Addressee,
    said: Said | None = None,
    about: About | None = None,
    until: datetime | None = None,
    uid: UUID | None = None,
    by: Actor,
) -> Telling | None:
    """Tell somebody what school did, in the transaction of that act: a page in Kring, and a mail that it is there.

    Nobody is told what one did oneself: then None. What is withheld is kept for who handles the case; no mail goes.
    """
    if to.user.pk == by.user.pk:
        return None
    said = said or Said()
    signed = byline_at(user=by.user, school=to.school.pk)
    telling = Telling.objects.create(
        uid=uid or uuid4(),
        school=to.school,
        to=to.user,
        hat=to.hat,
        kind=kind,
        words=said.words,
        withheld_because=said.withheld_because,
        case_uid=said.case_uid,
        about_kind=about.kind if about else "",
        about_uid=about.uid if about else None,
        about_at=about.at if about else None,
        until=until,
        told_by=by.user,
        author_name=signed.name,
        author_function=signed.function,
        told_at=by.now,
    )
    if not said.withheld_because:
        _mail(TOLD, to.user, telling, telling.uid, at_work=to.hat == Hat.STAFF, now=by.now)
        _begin_anew(to.user)
    return telling


def tell_all(
    kind: str, *, to: Sequence[Addressee], school: School, words: str, until: datetime | None = None, by: Actor
) -> int:
    """Tell many of one school the same, in the transaction of that act; how many were told. Not who does it.

    Whoever works there gets the mail in the own hours.
    """
    signed = byline_at(user=by.user, school=school.pk)
    said = {"school": school, "kind": kind, "words": words, "until": until, "told_by": by.user, "told_at": by.now}
    people = [one for one in to if one.user.pk != by.user.pk]
    tellings = Telling.objects.bulk_create(
        Telling(to=one.user, hat=one.hat, author_name=signed.name, author_function=signed.function, **said)
        for one in people
    )
    mails = [
        outbox.Addressed(one.to, one.uid, due_at_work(one.to, school, by.now) if one.hat == Hat.STAFF else by.now)
        for one in tellings
    ]
    outbox.enqueue_each(TOLD, mails, subject_kind="telling", school_uid=school.uid)
    for one in people:
        _begin_anew(one.user)
    return len(people)


def was_told(*kinds: str, **of: UUID) -> bool:
    """Whether the last thing of these kinds that happened to a text or in a case was told: then its end is told too."""
    last = Telling.objects.filter(kind__in=kinds, **of).order_by("-told_at", "-pk").first()
    return last is not None and not last.withheld_because


def put_away(telling: Telling, *, by: Actor) -> None:
    """The reader knows it; it stays findable. Raises `PermissionDenied`."""
    with transaction.atomic():
        current = _held(telling, by)
        if current.read_at is None:
            current.read_at = by.now
            current.save(update_fields=["read_at"])


def answer(telling: Telling, *, text: str, by: Actor) -> TellingAnswer:
    """Write back to who told it: it comes to the case, or to who did it and the directie.

    Who answers has read it. The same words again within ten minutes are the first answer. Raises `PermissionDenied`,
    `EnoughAnswersError`.
    """
    with transaction.atomic():
        current = _held(telling, by)
        answers = list(current.answers.order_by("pk"))
        if answers and answers[-1].text == text and answers[-1].written_at > by.now - AGAIN:
            return answers[-1]
        if len(answers) >= MOST_ANSWERS:
            raise EnoughAnswersError
        put_away(current, by=by)
        made = TellingAnswer.objects.create(telling=current, text=text, written_at=by.now)
        audit.note("telling.answered", current, by=by, subject_kind="telling")
        _mail(ANSWERED, current.told_by, current, made.uid, at_work=True, now=by.now)
    return made


def see_answers(telling: Telling, *, last: UUID | None, by: Actor) -> None:
    """Somebody at school read what was written back, up to and with the `last` on that page: it waits for nobody any
    more. What came since waits on. Whether `by` may is asked before.
    """
    read = TellingAnswer.objects.filter(telling=telling, uid=last or UUID(int=0)).values("pk")
    fresh = TellingAnswer.objects.filter(telling=telling, pk__lte=Subquery(read)).unseen()
    if fresh.update(seen_at=by.now, seen_by=by.user):
        audit.note("telling.seen", telling, by=by, subject_kind="telling")


def forget(*, tellings: Sequence[Telling], school: School, by: Actor) -> None:
    """Delete what was told at `school`, with what was written back: its term is over. Who calls knows that."""
    if not tellings:
        return
    with transaction.atomic():
        keys = [telling.pk for telling in tellings]
        TellingAnswer.objects.filter(telling__in=keys).delete()
        Telling.objects.filter(pk__in=keys).delete()
        audit.note("telling.forgotten", school, subject_kind="school", by=by, tellings=len(keys))


def is_from_board(telling: Telling) -> bool:
    """Whether the foundation's case officer told it: then the answer comes there, and not to the school."""
    teller = Actor(telling.told_by, Hat.STAFF, telling.told_at)
    return School.objects.overseen_by(teller).filter(pk=telling.school_id).exists()


def child_named_in(telling: Telling, *, actor: Actor) -> str:
    """The first name of the child it is about, for who reads of that child now; for anybody else nothing."""
    mine = Guardianship.objects.admitted().active(now=actor.now).filter(caregiver__user=actor.user.pk)
    names = mine.filter(child__uid=telling.about_uid or UUID(int=0)).values_list("child__first_name", flat=True)
    return names.first() or ""


def waits_on_a_page(actor: Actor) -> Mapping[str, int]:
    """By hat how much this person did not put away: for every page, and mostly without a question."""
    if noted(_key, actor=actor):
        return {}
    waiting = Counter(_unread_by_hat(user=actor.user))
    if not waiting:
        note(_key, True, actor=actor, seconds=REMEMBERED)
    return waiting


@compiled
def _unread_by_hat(user: User) -> QuerySet[Telling, str]:
    """The hat of each, in both."""
    return Telling.objects.filter(to=user, withheld_because="").meant().unread().values_list("hat", flat=True)


def was_answered(actor: Actor) -> bool:
    """Whether somebody wrote back what `actor` may read as staff, outside a case."""
    return bool(_asked(actor=actor))


@compiled
def _asked(actor: Actor) -> QuerySet[TellingAnswer, int]:
    return TellingAnswer.objects.asked_by(actor.wearing(Hat.STAFF)).values_list("pk", flat=True)[:1]


@in_pages
def tellings_for(actor: Actor) -> QuerySet[Telling]:
    """What school told `actor` in this hat, the newest first."""
    return Telling.objects.visible_to(actor).select_related("school").order_by("-told_at", "-pk")


def hats_told(actor: Actor) -> set[str]:
    """The hats in which school told this person something that is there still."""
    return set(Telling.objects.filter(to=actor.user.pk, withheld_because="").meant().values_list("hat", flat=True))


def _held(telling: Telling, by: Actor) -> Telling:
    rows = Telling.objects.visible_to(by).select_related("school", "told_by").select_for_update(of=("self",))
    current = rows.filter(pk=telling.pk).first()
    if current is None:
        raise PermissionDenied
    return current


def _mail(kind: str, to: User, telling: Telling, key: UUID, *, at_work: bool, now: datetime) -> None:
    """That something waits, once for each `key`; to who reads it `at_work`, in the own hours."""
    outbox.enqueue(
        kind,
        recipient=to,
        subject_kind="telling",
        subject_uid=telling.uid,
        school_uid=telling.school.uid,
        dedupe_key=f"{kind}:{key}",
        now=now,
        due_at=due_at_work(to, telling.school, now) if at_work else now,
    )


def _begin_anew(user: User) -> None:
    """Now, and again when it is in the database: a page in between may remember that nothing waits."""
    cache.delete(_key(user))
    transaction.on_commit(lambda: cache.delete(_key(user)))


@on_every_page
def _key(user: User) -> str:
    return f"told:nothing:{user.pk}"
