"""What people think of Kring: answering once, and what the directie reads when it is closed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.records.places import place_of
from moderation.rules.domain.evaluations import ENOUGH, QUESTIONS, WORDS
from moderation.rules.forms.evaluations import EvaluationForm
from moderation.rules.models.evaluations import Evaluation
from moderation.rules.services.evaluations import (
    AnsweredError,
    ClosedError,
    StillAskingError,
    answer_evaluation,
    close_evaluation,
    count_of,
    open_evaluation,
    results_of,
)
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest


@access.declares("Everybody of the school, staff and families: five questions, answered once, without a name.")
@require_http_methods(["GET", "POST"])
def evaluation(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What comes after it was closed, or after the one answer, is not kept, and the page gives the words back."""
    rows = Evaluation.objects.visible_to(request.actor).select_related("school")
    row = get_object_or_404(rows, uid=uid)
    form = EvaluationForm(request.POST if request.method == "POST" else None)
    is_closed, is_answered = row.closed_at is not None, row.is_answered
    if not is_closed and not is_answered and form.is_valid():
        words = form.cleaned_data["words"]
        try:
            answer_evaluation(evaluation=row, scores=form.scores, words=words, by=request.actor)
        except AnsweredError:
            is_answered = True
        except ClosedError:
            is_closed = True
        else:
            messages.success(request, _("Thank you. Your answer counts."))
            return redirect("moderation:evaluation", uid=row.uid)
    is_open = not is_closed and not is_answered
    is_late = form.is_bound and not is_open
    status = 410 if is_late and not is_answered else 422 if is_open and form.errors else 200
    context = {"evaluation": row, "form": form, "open": is_open, "answered": is_answered, "late": is_late}
    return render(request, "moderation/evaluation.html", context, status=status)


@access.declares("The directie, about the own school only: opening the questionnaire, and those of before.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def evaluations(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "POST":
        try:
            open_evaluation(school=place.school, by=request.actor)
            messages.success(request, _("The questionnaire is open. Everybody gets a mail about it."))
        except StillAskingError:
            messages.info(request, _("A questionnaire is open already."))
        return redirect(reverse("moderation:evaluations") + place.ask)
    rows = Evaluation.objects.directed_by(request.actor).filter(school=place.school)
    asking = rows.open().first()
    context = {
        "place": place,
        "asking": asking,
        "answers": asking and count_of(asking),
        "enough": ENOUGH,
        "past": [(row, count_of(row)) for row in rows.exclude(closed_at=None).order_by("-opened_at")],
        "questions": QUESTIONS,
    }
    return render(request, "moderation/evaluations.html", context)


@access.declares("The directie of the school: end the questionnaire, so that the results can be read.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def close_questions(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _directed(request, uid)
    if request.method == "POST":
        close_evaluation(evaluation=row, by=request.actor)
        messages.success(request, _("The questionnaire is closed."))
    return redirect("moderation:evaluation_results", uid=row.uid)


@access.declares("The directie of the school: what came out, once it is closed and five people answered.")
@require_safe
def evaluation_results(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _directed(request, uid)
    context = {
        "evaluation": row,
        "results": results_of(row),
        "scale": list(WORDS.items()),
        "enough": ENOUGH,
        "ask": f"?school={row.school.uid}",
    }
    return render(request, "moderation/evaluation_results.html", context)


def _directed(request: SignedInRequest, uid: UUID) -> Evaluation:
    rows = Evaluation.objects.directed_by(request.actor).select_related("school")
    return get_object_or_404(rows, uid=uid)
