"""What somebody chooses about the own image: staff and other adults, and pupils of 16 and over (POL-46)."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from consent.answers.services.choices import PersonChoices, own_cards
from consent.answers.services.decisions import Answers, decide_as_pupil, decide_for_self
from consent.answers.services.history import past_answers_of
from consent.answers.views.questions import Page, Returned, answered, asked_at_schools
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("Everybody signed in, about the own image only; the schools are those where one reads along.")
@require_safe
def own_choices(request: SignedInRequest) -> HttpResponse:
    page = _page(request)
    return page.draw(page.cards(), None, 200)


@access.declares("Who reads along at this school, about the own image; a pupil from the 16th birthday on.")
@require_http_methods(["GET", "HEAD", "POST"])
def own_choice(request: SignedInRequest, uid: UUID) -> HttpResponse:
    return answered(request, _page(request), [str(uid)])


@access.declares("Everybody signed in: the own answers about the own image, with the words of then.")
@require_safe
def own_history(request: SignedInRequest) -> HttpResponse:
    return render(request, "consent/history.html", {"past": past_answers_of(actor=request.actor)})


def _page(request: SignedInRequest) -> Page:
    def draw(cards: Sequence[PersonChoices], returned: Returned | None, status: int) -> HttpResponse:
        context = {"cards": cards, "asked": asked_at_schools(cards, returned), "is_refused": status == 422}
        return render(request, "consent/own_choices.html", context, status=status)

    def keep(card: PersonChoices, answers: Answers) -> None:
        if card.child:
            decide_as_pupil(child=card.child, answers=answers, by=request.actor)
        else:
            decide_for_self(school=card.school, answers=answers, by=request.actor)

    return Page("consent:own_choices", lambda: own_cards(actor=request.actor), draw, keep)
