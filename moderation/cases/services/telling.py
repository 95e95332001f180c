"""What the person of a case is told, and what that person writes back: it comes to who handles the case."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery

from groups.models import SchoolGrant
from groups.records.services.working import due_at_work
from groups.roles import WATCH, Hat
from groups.told.models import Telling, TellingAnswer
from groups.told.querysets import AnswerQuerySet, TellingQuerySet
from groups.told.services import ANSWERED, About, Addressee, Said, see_answers, tell
from moderation.cases.models.cases import Case
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled, in_pages
from portal.core.models import User


def tell_about(case: Case, kind: str, said: Said | None = None, *, until: datetime | None = None, by: Actor) -> None:
    """Tell whom the case is about, on the side on which the case stands, what school did."""
    written = case.written
    about = About(str(written.kind), written.uid, written.published_at) if written else None
    said = replace(said or Said(), case_uid=case.uid)
    tell(kind, to=Addressee(case.about, case.side, case.school), said=said, about=about, until=until, by=by)


def told_in_cases(actor: Actor) -> TellingQuerySet[Telling]:
    """What was told in the cases that `actor` handles, as far as `actor` reads what was done there."""
    cases = Case.objects.read_at(actor.wearing(Hat.ANY), "told_at").filter(uid=OuterRef("case_uid"))
    return Telling.objects.filter(Exists(cases), case_uid__isnull=False)


def answers_for(actor: Actor) -> AnswerQuerySet[TellingAnswer]:
    """Answers that wait for `actor`: those of the cases that `actor` handles, and of what followed from no case."""
    told = told_in_cases(actor).values("pk")
    asked = TellingAnswer.objects.asked_by(actor.wearing(Hat.STAFF)).values("pk")
    return TellingAnswer.objects.unseen().filter(Q(telling__in=told) | Q(pk__in=asked))


@in_pages
def answered_tellings(actor: Actor) -> TellingQuerySet[Telling]:
    """What somebody answered to, for who may read the answers, also when they were put away; the last answer first.

    Annotates answered_at, and waits: whether nobody put the last of them away.
    """
    return _with_answers(actor)


def _with_answers(actor: Actor) -> TellingQuerySet[Telling]:
    told = told_in_cases(actor).values("pk")
    asked = TellingAnswer.objects.asked_by(actor.wearing(Hat.STAFF)).values("telling")
    answers = TellingAnswer.objects.filter(telling=OuterRef("pk"))
    last = answers.order_by("-written_at", "-pk").values("written_at")[:1]
    rows: TellingQuerySet[Telling] = Telling.objects.filter(Q(pk__in=told) | Q(pk__in=asked), Exists(answers))
    rows = rows.annotate(answered_at=Subquery(last), waits=Exists(answers.unseen()))
    return rows.select_related("school", "to").order_by("-answered_at", "-pk")


def find_answered(uid: UUID, *, actor: Actor) -> Telling | None:
    """One of these; None for everybody else."""
    return next(iter(_answered_one(uid=uid, actor=actor)), None)


@compiled
def _answered_one(uid: UUID, actor: Actor) -> TellingQuerySet[Telling]:
    return _with_answers(actor).filter(uid=uid)


def tell_of_left_answers(*, now: datetime) -> int:
    """Tell who directs or oversees the school, and may, what somebody wrote back to a teller who reads it no more.

    Once for each answer, by mail with a link. Returns about how many tellings that is. However many these are, each
    person is asked once what that one reads, and what was mailed before costs nothing more.
    """
    waiting = TellingAnswer.objects.unseen().filter(telling=OuterRef("pk"))
    rows = Telling.objects.annotate(last=Subquery(waiting.order_by("-pk").values("uid")[:1])).filter(last__isnull=False)
    answered = list(rows.select_related("school", "told_by"))
    by_teller = _read_by({one.told_by for one in answered}, answered, now)
    left = [one for one in answered if one.pk not in by_teller[one.told_by_id]]
    if not left:
        return 0
    watching = SchoolGrant.objects.in_force(WATCH, now=now).filter(content_object__in={one.school_id for one in left})
    places = set(watching.values_list("user", "content_object"))
    users = list(User.objects.filter(pk__in={user for user, _ in places}).order_by("pk"))
    read, mailed = _read_by(users, left, now), outbox.rows_about(ANSWERED, subjects=[one.uid for one in left])
    known = set(mailed.values_list("dedupe_key", flat=True))
    for telling in left:
        for user in users:
            key = f"{ANSWERED}:{telling.last}:left:{user.pk}"
            if (user.pk, telling.school_id) in places and telling.pk in read[user.pk] and key not in known:
                outbox.enqueue(
                    ANSWERED,
                    recipient=user,
                    subject_kind="telling",
                    subject_uid=telling.uid,
                    school_uid=telling.school.uid,
                    dedupe_key=key,
                    now=now,
                    due_at=due_at_work(user, telling.school, now),
                )
    return len(left)


def _read_by(users: Iterable[User], tellings: Iterable[Telling], now: datetime) -> dict[int, set[int]]:
    """Which of these each of these users reads the answers to; one statement a person. Of a closed account none."""
    asked = [one.pk for one in tellings]
    return {
        user.pk: set(_with_answers(Actor(user, Hat.ANY, now)).filter(pk__in=asked).values_list("pk", flat=True))
        if user.is_active
        else set()
        for user in users
    }


def put_answers_away(telling: Telling, *, last: UUID | None, by: Actor) -> None:
    """Whoever may read them did, up to and with the `last` that stood there. Raises `PermissionDenied`."""
    access.demand(find_answered(telling.uid, actor=by) is not None)
    see_answers(telling, last=last, by=by)
