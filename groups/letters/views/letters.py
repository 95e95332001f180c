"""Letters: making the code is a POST, and the page that answers it is the only one that ever shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.letters.domain.codes import show_code
from groups.letters.forms import LettersForm
from groups.letters.models.claims import Claim
from groups.letters.models.invitations import Invitation
from groups.letters.services.claims import print_card
from groups.letters.services.invitations import NoBirthdayError, NotInvitableError, print_letter
from groups.people.services import families
from groups.people.services.letters import (
    cards_due,
    letter_receivers,
    letter_receivers_of,
    without_birthday_in,
    without_birthday_of,
)
from groups.records.models.schools import Group
from groups.records.models.truth import Guardianship
from groups.records.policies import directs_somewhere, is_own_family
from portal.core import access, submissions
from portal.core.confirming import confirmed_recently
from portal.core.paper import render_on_paper
from portal.core.request import SignedInRequest, as_uid, or_404
from portal.core.submissions import AlreadySubmittedError

WITHOUT_MAIL = "zonder-mail"
"""In the address of the page: only for who cannot come in with an e-mail address."""
CHOSEN = "wie"
"""In the address of the page: whom somebody chose in a list, or which ties of theirs; `MOST_CHOSEN` at most."""


@dataclass(frozen=True)
class PrintedLetter:
    """One printed letter: for whom, about whom, the code and until when."""

    guardianship: Guardianship
    invitation: Invitation
    code: str
    group: Group | None


@dataclass(frozen=True)
class InvitedCard:
    """One card for a caregiver without an address: somebody came in with the letter."""

    guardianship: Guardianship
    claim: Claim


@access.declares("The directie of the child's school, not for the own family: a letter with a single-use code.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_one(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = Guardianship.objects.visible_to(request.actor).open()
    row = get_object_or_404(rows.select_related("caregiver", "child__school"), uid=uid)
    back = reverse("groups:guardianship", args=[row.uid])
    if request.method == "GET" and is_own_family(request.actor, row):
        return redirect(back)
    if row.child.left_at and row.child.left_at <= request.now:
        messages.warning(request, _("Nobody needs a letter here any more."))
        return redirect(back)
    if request.method == "GET" and row.child.birth_on is None:
        return _letters(request, [], back, not_yet=1, school=f"?school={row.child.school.uid}")
    return _letters(request, [row], back, not_yet=0)


@access.declares("The directie of the school: letters for everybody of a group who is not in yet.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_group(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = or_404(families.find_class(uid, actor=request.actor))
    without_mail = WITHOUT_MAIL in request.GET
    rows = letter_receivers(group, without_mail=without_mail, by=request.actor)
    not_yet = without_birthday_in([group], without_mail=without_mail, by=request.actor)
    cards = cards_due(group, by=request.actor)
    back, school = reverse("groups:people_of_group", args=[group.uid]), f"?school={group.school.uid}"
    return _letters(request, rows, back, cards, not_yet=not_yet, school=school)


@access.declares("The directie of the school: letters for the adults chosen in a list, who are not in yet.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_chosen(request: SignedInRequest) -> HttpResponse:
    if not directs_somewhere(request.actor):
        raise Http404
    chosen = [or_404(as_uid(one)) for one in request.GET.getlist(CHOSEN)[: families.MOST_CHOSEN]]
    rows = letter_receivers_of(chosen, by=request.actor)
    not_yet = without_birthday_of(chosen, by=request.actor)
    return _letters(request, rows, reverse("groups:people"), not_yet=not_yet)


def _letters(
    request: SignedInRequest,
    rows: list[Guardianship],
    back: str,
    cards: Sequence[Guardianship] = (),
    *,
    not_yet: int,
    school: str = "",
) -> HttpResponse:
    closed = next((row.child.school for row in rows if row.child.school.opened_at is None), None)
    if closed:
        messages.warning(request, _("Nobody can come in with a letter yet. First open the school."))
        return redirect(f"{reverse('groups:open_school')}?school={closed.uid}")
    form = LettersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, cards_told = _make(request, rows, cards, form.cleaned_data["key"])
        except AlreadySubmittedError:
            messages.warning(request, _("These letters were made already. Make them again if you need them."))
            return redirect(back)
        except NoBirthdayError:
            messages.warning(request, _("The list does not say when this child was born. The letter asks that."))
            return redirect(back)
        except NotInvitableError:
            messages.warning(request, _("Nobody needs a letter here any more."))
            return redirect(back)
        sheets = {"letters": made, "cards": cards_told, "back": back, **_address()}
        return render_on_paper(request, "groups/letters.html", sheets)
    context = {"rows": rows, "cards": cards, "back": back, "form": form, "not_yet": not_yet}
    context["roster"] = reverse("groups:roster") + school
    return render(request, "groups/print_letters.html", context, status=422 if form.errors else 200)


def _make(
    request: SignedInRequest, rows: list[Guardianship], cards: Sequence[Guardianship], key: UUID
) -> tuple[list[PrintedLetter], list[InvitedCard]]:
    classes = families.classes_by_child((row.child_id for row in rows), now=request.now)
    with transaction.atomic():
        submissions.claim(user=request.user, key=key, subject_kind="letters", subject_uid=uuid4(), now=request.now)
        made = [(row, *print_letter(guardianship=row, by=request.actor)) for row in rows]
        printed_cards = [(row, print_card(guardianship=row, by=request.actor)) for row in cards]
    letters = [PrintedLetter(row, sent, show_code(code), classes.get(row.child_id)) for row, sent, code in made]
    return letters, [InvitedCard(row, claim) for row, claim in printed_cards if claim]


def _address() -> dict[str, object]:
    """Where the letter leads: the code is typed by hand and never part of an address."""
    url = settings.KRING_BASE_URL + reverse("groups:letter")
    return {"url": url, "shown_url": url.partition("://")[2].rstrip("/")}
