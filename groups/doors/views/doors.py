"""Coming in and going out: home, the code of a letter, the password way, signing out, the language."""

from datetime import date, datetime

from allauth.account.adapter import get_adapter
from allauth.account.views import LogoutView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from groups.accounts.services.account_trail import note_account
from groups.accounts.services.hats import hats_of
from groups.letters.forms import LetterAddressForm, LetterCodeForm
from groups.letters.models.invitations import Invitation
from groups.letters.services.claims import ClaimStandsError, arrival_of, can_deny, deny_claim
from groups.letters.services.invitations import LetterError, answers_letter, find_letter, opens_something, use_letter
from groups.letters.views.proving import ask_proof, letter_sentence
from groups.people.services.families import schools_looking_into
from groups.people.services.phones import forget_phones
from groups.records.addresses import HOME
from groups.records.services.contacts import (
    begins_at,
    decides_about_a_child,
    is_colleague,
    is_known_at_school,
    is_pupil,
    may_wait_for_a_school,
)
from groups.roles import Hat
from portal.core import access, menu, tries
from portal.core.actor import Actor
from portal.core.addresses import address_of
from portal.core.models import User
from portal.core.request import or_404, whence

OWN_COOKIES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "KRING_DEVICE_COOKIE")


@access.declares("Everybody signed in: the way to the own desk, or else to the own feed, staff hat first.")
def home(request: HttpRequest) -> HttpResponse:
    hats = hats_of(request.user, now=request.now)
    if page := menu.first_page(hats, hats.first):
        return redirect(page.route)
    if hats.family or hats.staff:
        return redirect(address_of(HOME, hats.first))
    actor = request.actor
    was_colleague = is_colleague(actor)
    context = {
        "is_pupil": is_pupil(actor),
        "is_colleague": was_colleague,
        "is_known": is_known_at_school(actor),
        "known_as": Hat.STAFF if was_colleague else hats.first,
        "waits": may_wait_for_a_school(actor),
        "begins_at": begins_at(actor),
        "decides": decides_about_a_child(actor),
    }
    return render(request, "groups/home.html", context)


@access.declares("Anybody with a letter from school: its code and the child's birthday, five tries; signed in or not.")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    """Code, birthday and address in one form; the mail with six digits follows. Who is in types no address."""
    form: LetterCodeForm = (LetterCodeForm if request.user.is_authenticated else LetterAddressForm)(
        request.POST or None
    )
    if request.method == "POST" and form.is_valid():
        user = request.user
        answer = _use_now(request, user, form) if isinstance(user, User) else _ask_proof(request, form)
        if answer:
            return answer
    is_parent = request.user.is_authenticated and hats_of(request.user, now=request.now).family
    looking = schools_looking_into(request.actor) if request.user.is_authenticated else []
    facts = {"form": form, "is_parent": is_parent, "looking": looking}
    return render(request, "groups/letter.html", facts, status=422 if form.errors else 200)


def _use_now(request: HttpRequest, user: User, form: LetterCodeForm) -> HttpResponse | None:
    letter = _letter_of(request, form, str(user.pk))
    if letter is None:
        return None
    try:
        use_letter(letter=letter.uid, user=user, now=request.now, keep_session=request.session.session_key or "")
    except LetterError as error:
        form.add_error("code", letter_sentence(error))
        return None
    if letter.child_id:
        messages.success(request, _("Welcome. You are in now."))
        return redirect("home")
    messages.success(request, _("That worked. You belong to this child now too."))
    return redirect(address_of(HOME, Hat.FAMILY))


def _ask_proof(request: HttpRequest, form: LetterCodeForm) -> HttpResponse | None:
    letter = _letter_of(request, form, form.cleaned_data["code"])
    if letter is None:
        return None
    if not opens_something(letter=letter, now=request.now):
        form.add_error(None, _sentence_before_proof())
        return None
    return ask_proof(request, letter.uid, form.cleaned_data["email"])


def _letter_of(request: HttpRequest, form: LetterCodeForm, key: str) -> Invitation | None:
    """The letter with the typed code, tried a limited number of times; otherwise the form says so."""
    costs = [("letter.code", key), ("letter.network", whence(request).network)]
    if not tries.take_all(costs, now=request.now):
        form.add_error(None, get_adapter().validation_error("rate_limited"))
        return None
    letter = _asked_letter(form.cleaned_data["code"], form.cleaned_data["born_on"], request.now)
    if letter:
        tries.give_back_all(costs[1:], now=request.now)
    else:
        form.add_error(None, _sentence_before_proof())
    return letter


def _asked_letter(code: str, born_on: date, now: datetime) -> Invitation | None:
    """The letter with this code about a child born on this day; of one code five days are compared, right or wrong.

    The try is taken before anything is looked up, so that a code that exists answers like one that does not.
    """
    if not tries.take("letter.birthday", code, now=now):
        return None
    letter = find_letter(code=code)
    if letter is None or not answers_letter(letter=letter, born_on=born_on):
        return None
    tries.give_back("letter.birthday", code, now=now)
    return letter


def _sentence_before_proof() -> str:
    """One sentence for unknown, used and old codes and for another day: nothing tells them apart."""
    return _(
        "This does not work. Look again at the code in the letter, and at the date of birth. "
        "Is the letter used, or older than four weeks? Then ask the school for a new one."
    )


@access.declares("Whoever holds the signed link of the mail about a letter: that account is off the record again.")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because scanners follow links; signed in or not."""
    claim = or_404(arrival_of(token))
    if request.method == "POST":
        try:
            claim = deny_claim(claim=claim, now=request.now)
        except ClaimStandsError:
            claim = or_404(arrival_of(token))
    context = {"claim": claim, "may_deny": can_deny(claim, now=request.now)}
    return render(request, "groups/not_me.html", context)


@access.declares("Everybody signed in, and whoever breaks off signing in: the way out, by POST only.")
@login_not_required
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; the browser forgets what it kept of Kring. Other sites of the school keep their cookies."""
    user = request.user
    was_in = user.is_authenticated
    if request.method == "POST" and isinstance(user, User):
        forget_phones(sessions=[request.session.session_key or ""])
        note_account(happened="signed_out", user=user, by=Actor(user, Hat.ANY, request.now))
    response: HttpResponse = LogoutView.as_view()(request)
    if request.method == "POST" and was_in:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        for name in OWN_COOKIES:
            response.delete_cookie(getattr(settings, name), samesite="Lax")
    return response


@access.declares("Anybody: the language of the pages before signing in.")
@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    return django_set_language(request)
