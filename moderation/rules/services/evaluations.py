"""Asking what people think of Kring (POL-70): opened, answered once, closed, and only then read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from django.db import transaction
from django.db.models import F, QuerySet

from groups.models import ContactChoice, School
from groups.records.models.contact_choices import NewsKind
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from moderation.rules.domain.evaluations import ENOUGH, QUESTIONS, SCORES, QuestionResult, outcome_of
from moderation.rules.models.evaluations import Evaluation, EvaluationRemark, EvaluationTaker, EvaluationTally
from moderation.rules.querysets.protocols import people_of
from portal.core import access, audit, outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User

INVITATION = "evaluation_opened"


class StillAskingError(Exception):
    """A questionnaire is open already."""


class ClosedError(Exception):
    """Nothing is asked any more."""


class AnsweredError(Exception):
    """This person answered already."""


class NoAnswerError(ValueError):
    """A question was passed over, or a score does not exist."""


@compiled
def questionnaires_for(actor: Actor) -> QuerySet[Evaluation]:
    """What is asked of `actor` now and was not answered."""
    return Evaluation.objects.waiting_for(actor).select_related("school").order_by("pk")


def open_evaluation(*, school: School, by: Actor) -> Evaluation:
    """Ask everybody of the school the five questions, by a mail each except to parents who want none.

    For the directie. Raises `PermissionDenied`, `StillAskingError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        if Evaluation.objects.open().filter(school=school).exists():
            raise StillAskingError
        opened = Evaluation.objects.create(school=school, opened_at=by.now, opened_by=by.user)
        EvaluationTally.objects.bulk_create(
            EvaluationTally(evaluation=opened, question=number, score=score)
            for number in range(len(QUESTIONS))
            for score in SCORES
        )
        written = _invite(opened, by.now)
        audit.note("evaluation.opened", opened, by=by, mails=written)
    return opened


def _invite(opened: Evaluation, now: datetime) -> int:
    none_wanted = ContactChoice.objects.refusing(NewsKind.SCHOOL, school=opened.school).values("user")
    people = people_of(opened.school, now=now).exclude(pk__in=none_wanted).values("pk")
    return outbox.enqueue_many(
        INVITATION,
        recipients=User.objects.filter(pk__in=people),
        subject_kind="evaluation",
        subject_uid=opened.uid,
        key=f"{INVITATION}:{opened.uid}",
        now=now,
        school_uid=opened.school.uid,
    )


def close_evaluation(*, evaluation: Evaluation, by: Actor) -> Evaluation:
    """End the asking; from now on the results can be read. Idempotent, for the directie. Raises `PermissionDenied`."""
    with transaction.atomic():
        hold_schools(evaluation.school_id)
        access.demand(can_direct(by, evaluation.school))
        row = Evaluation.objects.select_for_update().select_related("school").get(pk=evaluation.pk)
        if row.closed_at is None:
            row.closed_at, row.closed_by = by.now, by.user
            row.save(update_fields=["closed_at", "closed_by"])
            audit.note("evaluation.closed", row, by=by)
    return row


def answer_evaluation(*, evaluation: Evaluation, scores: Sequence[int], words: str, by: Actor) -> None:
    """Count what `by` thinks: a score for each question, and own words when there are any. Once.

    Nothing that is written can bring person and answer together: scores are counted up, the remarks are shuffled, the
    row of who answered has no moment, and there is no audit event. Raises `PermissionDenied`, `ClosedError`,
    `AnsweredError`, `NoAnswerError`.
    """
    access.demand(Evaluation.objects.visible_to(by).filter(pk=evaluation.pk).exists())
    if len(scores) != len(QUESTIONS) or not set(scores) <= set(SCORES):
        raise NoAnswerError
    with transaction.atomic():
        row = Evaluation.objects.select_for_update().get(pk=evaluation.pk)
        if row.closed_at is not None:
            raise ClosedError
        _, is_new = EvaluationTaker.objects.get_or_create(evaluation=row, user=by.user)
        if not is_new:
            raise AnsweredError
        for number, score in enumerate(scores):
            tally = EvaluationTally.objects.filter(evaluation=row, question=number, score=score)
            tally.update(count=F("count") + 1)
        if words:
            _shuffle_in(row, words)


def _shuffle_in(evaluation: Evaluation, words: str) -> None:
    """Write all remarks anew in a random order, so that no number, place or age tells which came last."""
    remarks = EvaluationRemark.objects.filter(evaluation=evaluation)
    everything = [*remarks.values_list("words", flat=True), words]
    SystemRandom().shuffle(everything)
    remarks.delete()
    EvaluationRemark.objects.bulk_create(EvaluationRemark(evaluation=evaluation, words=remark) for remark in everything)


@dataclass(frozen=True)
class Results:
    """What came out of a closed questionnaire: how many answered, each question, and the own words in any order."""

    answers: int
    outcomes: list[QuestionResult]
    remarks: list[str]


def results_of(evaluation: Evaluation) -> Results | None:
    """The results, once it is closed and enough people answered; before that nobody sees a number move."""
    answers = count_of(evaluation)
    if evaluation.closed_at is None or answers < ENOUGH:
        return None
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for question, score, count in evaluation.tallies.values_list("question", "score", "count"):
        counts[question][score] = count
    remarks = evaluation.remarks.order_by("uid").values_list("words", flat=True)
    return Results(answers, [outcome_of(asked, counts[n]) for n, asked in enumerate(QUESTIONS)], list(remarks))


def count_of(evaluation: Evaluation) -> int:
    """How many people answered."""
    return evaluation.takers.count()
