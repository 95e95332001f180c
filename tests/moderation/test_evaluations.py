"""POL-70: five questions, answered once; nothing that is kept brings a person and an answer together."""

from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from groups.people.services.contact_choices import choose_way
from groups.records.models.contact_choices import Way
from groups.roles import Hat
from moderation.models import Evaluation, EvaluationRemark, EvaluationTaker, EvaluationTally
from moderation.rules.domain.evaluations import QUESTIONS, SCORES, outcome_of
from moderation.rules.mail.evaluations import render_invitations
from moderation.rules.services.evaluations import (
    AnsweredError,
    ClosedError,
    NoAnswerError,
    StillAskingError,
    answer_evaluation,
    close_evaluation,
    open_evaluation,
    results_of,
)
from moderation.rules.views import evaluations
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, Submission
from tests.cast import NAMES, Cast, each
from tests.moderation.ruling import ASKED, EVERYBODY, visitor

FIVE = ["mother", "father", "teacher", "colleague", "other_parent"]


@pytest.fixture(autouse=True)
def _one_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    cache.clear()


def opened(cast: Cast) -> Evaluation:
    return open_evaluation(school=cast.linde, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def answer(cast: Cast, evaluation: Evaluation, name: str, *scores: int, words: str = "") -> None:
    user: Any = cast.user(name)
    answer_evaluation(
        evaluation=evaluation, scores=scores or (3,) * 5, words=words, by=Actor(user, Hat.ANY, timezone.now())
    )


def sent(*scores: int, words: str = "") -> dict[str, Any]:
    return {f"q{number}": score for number, score in enumerate(scores or (3,) * 5)} | {"words": words}


@pytest.mark.parametrize("name", each())
def test_who_reads_who_answers_and_whom_the_mail_reaches_are_the_same(cast: Cast, name: str) -> None:
    evaluation, user = opened(cast), cast.user(name)
    listed = Evaluation.objects.waiting_for(Actor(user, Hat.ANY, timezone.now())).exists()
    told = OutboxItem.objects.filter(kind="evaluation_opened", recipient=user.pk).exists()
    try:
        answer(cast, evaluation, name)
        done = True
    except PermissionDenied:
        done = False
    assert [listed, told, done] == [ASKED[name]] * 3


def test_somebody_answers_once(cast: Cast) -> None:
    evaluation = opened(cast)
    client, page = visitor(cast, "mother"), reverse("moderation:evaluation", args=[evaluation.uid])
    assert client.post(page, {**sent(), "q2": ""}).status_code == 422
    assert client.post(page, {**sent(), "q2": "6"}).status_code == 422
    for _ in range(2):
        client.post(page, sent(5, 4, 3, 2, 1, words="Meer foto’s"))
    assert EvaluationTaker.objects.count() == 1
    assert EvaluationRemark.objects.count() == 1
    assert "You answered" in client.get(page).content.decode()
    with pytest.raises(AnsweredError):
        answer(cast, evaluation, "mother")
    assert [t.count for t in EvaluationTally.objects.filter(question=0).order_by("score")] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("in_between", ["before it is sent", "while it is counted"])
def test_words_that_come_too_late_are_given_back(cast: Cast, monkeypatch: pytest.MonkeyPatch, in_between: str) -> None:
    evaluation = opened(cast)
    client, page = visitor(cast, "mother"), reverse("moderation:evaluation", args=[evaluation.uid])
    assert client.get(page).status_code == 200
    directie = Actor(cast.directie, Hat.ANY, timezone.now())

    def closed_first(**facts: Any) -> None:
        close_evaluation(evaluation=evaluation, by=directie)
        answer_evaluation(**facts)

    if in_between == "before it is sent":
        close_evaluation(evaluation=evaluation, by=directie)
    else:
        monkeypatch.setattr(evaluations, "answer_evaluation", closed_first)
    late = client.post(page, sent(words="Meer foto’s van de <tuin>"))
    said = late.content.decode()
    assert (late.status_code, "This questionnaire closed meanwhile" in said) == (410, True)
    assert "Meer foto’s van de &lt;tuin&gt;</textarea>" in said
    assert not EvaluationTaker.objects.exists()
    assert "Meer foto" not in client.get(page).content.decode()
    without = client.post(page, {**sent(), "q2": ""})
    assert (without.status_code, "<textarea" in without.content.decode()) == (410, False)


def test_who_answered_before_it_closed_is_not_told_that_it_was_too_late(cast: Cast) -> None:
    evaluation = opened(cast)
    answer(cast, evaluation, "mother")
    close_evaluation(evaluation=evaluation, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    page = visitor(cast, "mother").post(reverse("moderation:evaluation", args=[evaluation.uid]), sent())
    assert (page.status_code, "You answered" in page.content.decode()) == (200, True)


@pytest.mark.parametrize("in_between", ["before it is sent", "while it is sent"])
def test_words_of_another_tab_are_given_back_by_the_page_that_says_one_answers_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, in_between: str
) -> None:
    evaluation = opened(cast)
    client, page = visitor(cast, "mother"), reverse("moderation:evaluation", args=[evaluation.uid])

    def answered_first(**facts: Any) -> None:
        answer(cast, evaluation, "mother", words="Goed zo.")
        answer_evaluation(**facts)

    if in_between == "before it is sent":
        answer(cast, evaluation, "mother", words="Goed zo.")
    else:
        monkeypatch.setattr(evaluations, "answer_evaluation", answered_first)
    again = client.post(page, sent(words="Toch liever <minder> mail"))
    said = again.content.decode()
    assert (again.status_code, "This one is not added to it." in said) == (200, True)
    assert "Toch liever &lt;minder&gt; mail</textarea>" in said
    assert [one.words for one in EvaluationRemark.objects.all()] == ["Goed zo."]
    assert "not added" not in client.get(page).content.decode()


def test_a_score_that_is_none_changes_nothing(cast: Cast) -> None:
    evaluation = opened(cast)
    for scores in [(3, 3, 3, 3), (3, 3, 3, 3, 6), (0, 3, 3, 3, 3)]:
        with pytest.raises(NoAnswerError):
            answer(cast, evaluation, "mother", *scores)
    assert not EvaluationTaker.objects.exists()


def test_nothing_is_shown_before_it_is_closed_or_of_fewer_than_five(cast: Cast) -> None:
    evaluation = opened(cast)
    client, page = visitor(cast, "directie"), reverse("moderation:evaluation_results", args=[evaluation.uid])
    for name in FIVE:
        answer(cast, evaluation, name, words=f"Van {name}")
        assert results_of(evaluation) is None
        assert "Van " not in client.get(page).content.decode()
    client.post(reverse("moderation:close_questions", args=[evaluation.uid]))
    body = client.get(page).content.decode()
    assert body.count("Van ") == 5
    assert "5 answers" in body
    second = opened(cast)
    for name in FIVE[:4]:
        answer(cast, second, name, words=f"Van {name}")
    closed = close_evaluation(evaluation=second, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert results_of(closed) is None
    with pytest.raises(ClosedError):
        answer(cast, closed, FIVE[4])


def test_no_row_holds_a_person_and_an_answer(cast: Cast) -> None:
    """What is kept of two people who answer the opposite is the same as when they had it the other way round."""
    kept = []
    for first, second in [((1,) * 5, (5,) * 5), ((5,) * 5, (1,) * 5)]:
        with transaction.atomic():
            evaluation = opened(cast)
            answer(cast, evaluation, "mother", *first)
            answer(cast, evaluation, "teacher", *second)
            tallies = evaluation.tallies.order_by("question", "score").values_list("question", "score", "count")
            kept.append((list(tallies), list(evaluation.takers.order_by("pk").values_list("user", flat=True))))
            transaction.set_rollback(True)
    assert kept[0] == kept[1]
    assert {field.name for field in EvaluationTaker._meta.fields} == {"id", "evaluation", "user"}
    assert {field.name for field in EvaluationTally._meta.fields} == {"id", "evaluation", "question", "score", "count"}
    assert {field.name for field in EvaluationRemark._meta.fields} == {"uid", "evaluation", "words"}


def test_answering_leaves_no_trail(cast: Cast) -> None:
    evaluation = opened(cast)
    before = AuditEvent.objects.count(), Submission.objects.count(), OutboxItem.objects.count()
    visitor(cast, "mother").post(reverse("moderation:evaluation", args=[evaluation.uid]), sent(words="Fijn"))
    assert EvaluationTaker.objects.count() == 1
    assert (AuditEvent.objects.count(), Submission.objects.count(), OutboxItem.objects.count()) == before


def test_the_place_of_a_remark_says_nothing_about_who_came_when(cast: Cast) -> None:
    """Every order of three remarks turns up as they lie in the table, while the takers lie as they came."""
    seen: Counter[tuple[str, ...]] = Counter()
    for _ in range(80):
        with transaction.atomic():
            evaluation = opened(cast)
            for name in FIVE[:3]:
                answer(cast, evaluation, name, words=name)
            seen[as_they_lie()] += 1
            transaction.set_rollback(True)
    assert set(seen) == set(permutations(FIVE[:3]))


def as_they_lie() -> tuple[str, ...]:
    """The remarks in the order in which the database keeps them."""
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT words FROM moderation_evaluationremark ORDER BY {place}")  # noqa: S608 - one of two
        return tuple(words for (words,) in cursor.fetchall())


def test_one_questionnaire_at_a_time(cast: Cast) -> None:
    evaluation = opened(cast)
    with pytest.raises(StillAskingError):
        opened(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(school=cast.linde, opened_at=timezone.now(), opened_by=cast.directie)
    page = visitor(cast, "directie").post(reverse("moderation:evaluations"), follow=True)
    assert "A questionnaire is open already" in page.content.decode()
    close_evaluation(evaluation=evaluation, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert opened(cast).pk != evaluation.pk


@pytest.mark.parametrize("name", each([name for name in NAMES if name not in ("directie", "anonymous")]))
def test_only_the_directie_opens_and_closes(cast: Cast, name: str) -> None:
    evaluation, by, now = opened(cast), cast.user(name), timezone.now()
    for act in (
        lambda: close_evaluation(evaluation=evaluation, by=Actor(by, Hat.ANY, now)),
        lambda: open_evaluation(school=cast.linde, by=Actor(by, Hat.ANY, now)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_who_wants_no_mail_gets_none_and_who_answered_neither(cast: Cast) -> None:
    choose_way(user=cast.father, school=cast.linde, way=Way.NONE, now=timezone.now())
    evaluation = opened(cast)
    items = list(OutboxItem.objects.filter(kind="evaluation_opened").select_related("recipient"))
    assert {item.recipient_id for item in items} == {cast.user(n).pk for n in EVERYBODY if n != "father"}
    answer(cast, evaluation, "mother")
    mails = list(render_invitations(items, timezone.now()))
    withheld = {item.recipient_id for item, mail in zip(items, mails, strict=True) if not hasattr(mail, "subject")}
    assert withheld == {cast.mother.pk}


def test_the_rules_page_points_to_it_until_it_is_answered(cast: Cast) -> None:
    evaluation = opened(cast)
    client, link = visitor(cast, "mother"), reverse("moderation:evaluation", args=[evaluation.uid])
    assert link in client.get(reverse("moderation:rules")).content.decode()
    answer(cast, evaluation, "mother")
    assert link not in client.get(reverse("moderation:rules")).content.decode()


def test_bars_fill_the_whole_width() -> None:
    outcome = outcome_of(QUESTIONS[0], {1: 1, 4: 1, 5: 2})
    assert [(bar.score, bar.start, bar.width) for bar in outcome.bars] == [
        (1, 0, 25), (2, 25, 0), (3, 25, 0), (4, 25, 25), (5, 50, 50)]  # fmt: skip
    assert outcome.agree == 75
    assert [bar.width for bar in outcome_of(QUESTIONS[0], dict.fromkeys(SCORES, 0)).bars] == [0] * 5
