"""What families choose about showing their children: by question, a row per child, one tap per answer (POL-43)."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from consent.answers.services.choices import PersonChoices, children_cards
from consent.answers.services.decisions import Answers, decide_for_child
from consent.answers.services.history import past_answers_about
from consent.answers.views.questions import Page, Returned, answered, asked_at_schools, progress_of
from groups.letters.services.claims import waits_until
from groups.models import Child
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("Caregivers with authority: what may be shown of the own children; yes or no for those they name.")
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: SignedInRequest) -> HttpResponse:
    page = _page(request)
    if request.method == "POST":
        return answered(request, page, request.POST.getlist("child"))
    return page.draw(page.cards(), None, 200)


@access.declares("A caregiver with authority over the child, until it turns 16: says yes or no to what is asked.")
@require_http_methods(["GET", "HEAD", "POST"])
def child_choices(request: SignedInRequest, uid: UUID) -> HttpResponse:
    return answered(request, _page(request), [str(uid)])


@access.declares("A caregiver with authority over the child: the own answers of before, with the words of then.")
@require_safe
def child_history(request: SignedInRequest, uid: UUID) -> HttpResponse:
    child = get_object_or_404(Child.objects.parented_by(request.actor), uid=uid)
    context = {"child": child, "past": past_answers_about(child=child, actor=request.actor)}
    return render(request, "consent/history.html", context)


def _page(request: SignedInRequest) -> Page:
    def draw(cards: Sequence[PersonChoices], returned: Returned | None, status: int) -> HttpResponse:
        if not cards:
            raise Http404
        asked = asked_at_schools(cards, returned)
        context = {
            "cards": cards,
            "asked": asked,
            "progress": progress_of(asked),
            "one_is_enough": any(not one.purpose.requires_all for card in cards for one in card.choices),
            "is_refused": status == 422,
            "waits_until": waits_until(request.user, now=request.now),
        }
        return render(request, "consent/choices.html", context, status=status)

    def keep(card: PersonChoices, answers: Answers) -> None:
        if card.child:
            decide_for_child(child=card.child, answers=answers, by=request.actor)

    return Page("consent:choices", lambda: children_cards(actor=request.actor), draw, keep)
