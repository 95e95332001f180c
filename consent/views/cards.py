"""A card of choices on a page: its rows, and what came in and was not kept."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from consent.forms.choices import ChoicesForm
from consent.models import Purpose
from consent.services.choices import PersonChoices, PurposeChoice
from consent.services.decisions import Answers, DecidesAloneError, TextChangedError
from portal.core.request import SignedInRequest, or_404


class Returned(NamedTuple):
    """What came in on one card and was not kept, because the words of some purposes were changed meanwhile."""

    card: UUID
    answers: Answers
    changed: frozenset[Purpose]


class Page(NamedTuple):
    """A page of cards: its address, how its cards are found and drawn, and what keeps answers."""

    url_name: str
    cards: Callable[[], list[PersonChoices]]
    draw: Callable[[Sequence[PersonChoices], Returned | None, int], HttpResponse]
    keep: Callable[[PersonChoices, Answers], object]


def answered(request: SignedInRequest, page: Page, uid: UUID) -> HttpResponse:
    """One tap on the card `uid`: kept, and back to where somebody was reading; or the page again with what is wrong."""
    cards = page.cards()
    card = or_404(next((card for card in cards if card.uid == uid), None))
    if request.method != "POST":
        return redirect(_place(page, card))
    form = ChoicesForm(request.POST, choices=card.choices)
    if card.may_choose and not form.is_valid():
        return page.draw(cards, None, 422)
    answers = form.cleaned_data["answers"] if card.may_choose else {}
    try:
        page.keep(card, answers)
    except DecidesAloneError:
        return page.draw(page.cards(), None, 403)
    except TextChangedError as error:
        return page.draw(page.cards(), Returned(uid, answers, frozenset(error.purposes)), 409)
    messages.success(request, _("Saved. It counts from now on."))
    return redirect(_place(page, card, *answers))


def _place(page: Page, card: PersonChoices, *purposes: Purpose) -> str:
    """The purpose of one answer, or the card."""
    place = purposes[0].uid if len(purposes) == 1 else "alles"
    return f"{reverse(page.url_name)}#{card.uid}-{place}"


def drawn_cards(cards: Sequence[PersonChoices], returned: Returned | None) -> list[dict[str, Any]]:
    """The cards with their rows, for `consent/_choices.html`."""
    return [_drawn(card, returned if returned and returned.card == card.uid else None) for card in cards]


def _drawn(card: PersonChoices, returned: Returned | None) -> dict[str, Any]:
    parts = [(_("Inside the school"), card.inside), (_("Outside the school"), card.outside)]
    return {
        "card": card,
        "is_returned": returned is not None,
        "parts": [(title, [_row(choice, returned) for choice in part]) for title, part in parts if part],
    }


def _row(choice: PurposeChoice, returned: Returned | None) -> dict[str, object]:
    chosen = returned.answers.get(choice.purpose) if returned else None
    return {
        "choice": choice,
        "chosen": chosen[0].value if chosen else "",
        "is_changed": returned is not None and choice.purpose in returned.changed,
    }
