"""Coming in and going out: home, the code of a letter, the password way, signing out, the language."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.views import LogoutView
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from groups.adapters import letter_sentence, remember_letter
from groups.forms import LetterCodeForm, LetterForm
from groups.models import Invitation, School
from groups.services.account_trail import note_account
from groups.services.hats import hats_of
from groups.services.invitations import LetterError, UnknownCodeError, find_letter, opens_something, use_letter
from groups.services.people import open_account
from portal.core import access, outbox
from portal.core.models import User

OWN_COOKIES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME")


@access.declares("Everybody signed in: the way to the own feed, staff hat first.")
def home(request: HttpRequest) -> HttpResponse:
    hats = hats_of(request.user, now=request.now)
    if hats.family or hats.staff:
        return redirect("messaging:feed", hat=hats.first)
    school = School.objects.administered_by(request.user, now=request.now).first()
    mail = outbox.status([school.uid], now=request.now) if school else None
    return render(request, "groups/home.html", {"school": school, "mail_status": mail, "handles": hats.handles})


@access.declares("Anybody with a letter from school: the code is the proof, behind a rate limit; signed in or not.")
@login_not_required
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    """Code and address in one form; the mail with six digits follows. Signed-in people type the code only."""
    form: LetterCodeForm = (LetterCodeForm if request.user.is_authenticated else LetterForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        answer = _use_now(request, user, form) if isinstance(user, User) else _ask_proof(request, form)
        if answer:
            return answer
    return render(request, "groups/letter.html", {"form": form}, status=422 if form.errors else 200)


def _use_now(request: HttpRequest, user: User, form: LetterCodeForm) -> HttpResponse | None:
    found = _letter_of(request, form, str(user.pk))
    if found is None:
        return None
    try:
        use_letter(letter=found.uid, user=user, now=request.now, keep_session=request.session.session_key or "")
    except LetterError as error:
        form.add_error("code", letter_sentence(error))
        return None
    messages.success(request, _("That worked. You belong to this child now too."))
    return redirect("home")


def _ask_proof(request: HttpRequest, form: LetterCodeForm) -> HttpResponse | None:
    code, address = form.cleaned_data["code"], form.cleaned_data["email"]
    found = _letter_of(request, form, code)
    if found is None:
        return None
    if not opens_something(letter=found, now=request.now):
        form.add_error("code", _sentence_before_proof())
        return None
    user = open_account(address=address, language=get_language() or settings.LANGUAGE_CODE)
    remember_letter(request, found.uid, address)
    LoginCodeVerificationProcess.initiate(request=request, user=user if user.is_active else None, email=address)
    return redirect("account_confirm_login_code")


def _letter_of(request: HttpRequest, form: LetterCodeForm, key: str) -> Invitation | None:
    """The letter with the typed code, tried a limited number of times; otherwise the form says so."""
    if not ratelimit.consume(request, action="letter", key=key):
        form.add_error(None, get_adapter().validation_error("rate_limited"))
        return None
    found = find_letter(code=form.cleaned_data["code"])
    if found is None:
        words = letter_sentence(UnknownCodeError()) if request.user.is_authenticated else _sentence_before_proof()
        form.add_error("code", words)
    return found


def _sentence_before_proof() -> str:
    """One sentence for unknown, used and old codes: before an address is proved nothing tells them apart."""
    return _(
        "This code does not work. Look again at the letter. Is it used, or older than four weeks? "
        "Then ask the school for a new one."
    )


@access.declares("Everybody signed in, and whoever breaks off signing in: the way out, by POST only.")
@login_not_required
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; the browser forgets what it kept of Kring. Other sites of the school keep their cookies."""
    user = request.user
    was_in = user.is_authenticated
    if request.method == "POST" and isinstance(user, User):
        note_account(happened="signed_out", user=user, now=request.now)
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
