"""The way in for staff: the list and its one mail, the page of one colleague, the letter, and its code at the door."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from groups.letters.domain.codes import show_code
from groups.letters.forms import LettersForm
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.services.invitations import ColleagueAlreadyError, LetterError, NotInvitableError
from groups.letters.views.proving import ask_proof, letter_sentence
from groups.people.services import families
from groups.people.services.true_names import signed
from groups.people.views.people import directed_schools
from groups.records.models.people import StaffMember
from groups.records.policies import can_direct
from groups.staff.forms import StaffAddressForm, StaffLetterCodeForm, StaffLetterForm
from groups.staff.services.staff_entry import (
    can_enter,
    find_staff_letter,
    know_colleague,
    letters_of,
    opens_staff_record,
    print_staff_letter,
    tell_staff,
    type_address,
    use_staff_letter,
    without_way_in,
)
from portal.core import access, submissions, tries
from portal.core.confirming import confirmed_recently
from portal.core.models import User
from portal.core.paper import render_on_paper
from portal.core.permitting import permits
from portal.core.request import SignedInRequest, whence
from portal.core.submissions import AlreadySubmittedError


def _found(request: SignedInRequest, uid: UUID) -> StaffMember:
    rows = StaffMember.objects.configured_by(request.actor)
    return _signed(get_object_or_404(rows.select_related("school"), uid=uid), request.now)


def _signed(staff: StaffMember, now: datetime) -> StaffMember:
    """With the true name of who typed the address."""
    [member] = signed([staff], "email_by", now=now)
    return member


@access.declares("The directie: one mail to everybody on the staff who can come in, did not yet, and was not told.")
@require_POST
def tell(request: SignedInRequest) -> HttpResponse:
    everybody = families.staff_of(directed_schools(request), now=request.now)
    mailed = tell_staff(staff=everybody, by=request.actor)
    words = ngettext("%(count)d colleague gets a mail.", "%(count)d colleagues get a mail.", mailed)
    messages.success(request, words % {"count": mailed} if mailed else _("Everybody with an address was told already."))
    return redirect("groups:staff")


@access.declares("The directie: the mail to one colleague, once more when it was asked.")
@require_POST
def tell_again(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = StaffMember.objects.directed_by(request.actor)
    staff = get_object_or_404(rows.select_related("school"), uid=uid)
    if tell_staff(staff=[staff], again=True, by=request.actor):
        messages.success(request, _("The mail is on its way."))
    else:
        messages.warning(request, _("This colleague cannot come in with an address now."))
    return redirect("groups:staff_entry", uid=staff.uid)


@access.declares("The directie and the IT administrator: how a colleague comes in, and the address to do it with.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def entry(request: SignedInRequest, uid: UUID) -> HttpResponse:
    staff = _found(request, uid)
    form = StaffAddressForm(request.POST or None, initial={"email": staff.email})
    if request.method == "POST" and form.is_valid() and _type(request, staff, form):
        messages.success(request, _("The address has been changed."))
        return redirect("groups:staff_entry", uid=staff.uid)
    context = {
        "person": staff,
        "form": form,
        "letters": letters_of(staff, now=request.now),
        "can_enter": can_enter(staff, now=request.now),
        "directs": can_direct(request.actor, staff.school),
        "may_know": permits(request.actor, "knowable_by", staff),
    }
    return render(request, "groups/staff_entry.html", context, status=422 if form.errors else 200)


def _type(request: SignedInRequest, staff: StaffMember, form: StaffAddressForm) -> bool:
    try:
        type_address(staff=staff, address=form.cleaned_data["email"], by=request.actor)
    except ColleagueAlreadyError:
        form.add_error("email", _("This address belongs to a colleague already."))
    except NotInvitableError:
        form.add_error(None, _("This colleague is in, or comes in by an invitation."))
    return not form.errors


@access.declares("The directie and the IT administrator: a letter with a single-use code for a colleague.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_letter(request: SignedInRequest, uid: UUID) -> HttpResponse:
    staff = _found(request, uid)
    form, back = LettersForm(request.POST or None), reverse("groups:staff_entry", args=[staff.uid])
    if request.method == "POST" and form.is_valid():
        try:
            letter, code = _make(request, staff, form.cleaned_data["key"])
        except (AlreadySubmittedError, NotInvitableError):
            messages.warning(request, _("Nobody needs a letter here any more."))
            return redirect(back)
        return _sheets(request, [(staff, letter, show_code(code))], back)
    context = {"person": staff, "form": form, "back": back}
    return render(request, "groups/print_staff_letter.html", context, status=422 if form.errors else 200)


@access.declares("The directie: letters for everybody on the staff who has no address, no letter, and is not in.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_letters(request: SignedInRequest) -> HttpResponse:
    people = without_way_in(directed_schools(request), now=request.now)
    form, back = LettersForm(request.POST or None), reverse("groups:staff")
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                _claim(request, form.cleaned_data["key"])
                made = [(one, *print_staff_letter(staff=one, by=request.actor)) for one in people]
        except AlreadySubmittedError:
            messages.warning(request, _("These letters were made already. Make them again if you need them."))
            return redirect(back)
        return _sheets(request, [(one, letter, show_code(code)) for one, letter, code in made], back)
    context = {"people": people, "form": form, "back": back}
    return render(request, "groups/print_staff_letters.html", context, status=422 if form.errors else 200)


def _sheets(
    request: SignedInRequest, letters: Sequence[tuple[StaffMember, Invitation, str]], back: str
) -> HttpResponse:
    url = settings.KRING_BASE_URL + reverse("groups:staff_letter")
    context = {"letters": letters, "back": back, "url": url, "shown_url": url.partition("://")[2].rstrip("/")}
    return render_on_paper(request, "groups/staff_letter_sheet.html", context)


def _claim(request: SignedInRequest, key: UUID) -> None:
    submissions.claim(user=request.user, key=key, subject_kind="letters", subject_uid=uuid4(), now=request.now)


def _make(request: SignedInRequest, staff: StaffMember, key: UUID) -> tuple[Invitation, str]:
    with transaction.atomic():
        _claim(request, key)
        return print_staff_letter(staff=staff, by=request.actor)


@access.declares("A colleague who came in earlier, not who printed or typed: is this the right person?")
@require_http_methods(["GET", "POST"])
def know(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = StaffMember.objects.met_by(request.actor)
    staff = _signed(get_object_or_404(rows.select_related("school"), uid=uid), request.now)
    if request.method == "POST":
        know_colleague(staff=staff, by=request.actor)
        messages.success(request, _("Thank you. Earlier conversations are open now."))
        return redirect("home")
    letter = next((one for one in letters_of(staff, now=request.now) if one.state == InvitationState.USED), None)
    context = {
        "person": staff,
        "letter": letter,
        "may_know": permits(request.actor, "knowable_by", staff),
    }
    return render(request, "groups/know_colleague.html", context)


@access.declares("Anybody with a letter for staff: its code, a few tries; signed in or not.")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    """Code and address in one form; the mail with six digits follows. Who is in types no address."""
    user = request.user
    form = (StaffLetterCodeForm if user.is_authenticated else StaffLetterForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _use_now(request, user, form) if isinstance(user, User) else _ask_proof(request, form)
        if answer:
            return answer
    return render(request, "groups/staff_letter.html", {"form": form}, status=422 if form.errors else 200)


def _use_now(request: HttpRequest, user: User, form: forms.Form) -> HttpResponse | None:
    letter = _letter_of(request, form)
    if letter is None:
        return None
    try:
        use_staff_letter(letter=letter.uid, user=user, now=request.now, keep_session=request.session.session_key or "")
    except LetterError as error:
        form.add_error("code", letter_sentence(error))
        return None
    messages.success(request, _("Welcome. You are in now."))
    return redirect("home")


def _ask_proof(request: HttpRequest, form: forms.Form) -> HttpResponse | None:
    letter = _letter_of(request, form)
    return ask_proof(request, letter.uid, form.cleaned_data["email"], of_staff=True) if letter else None


def _letter_of(request: HttpRequest, form: forms.Form) -> Invitation | None:
    """The letter with the typed code, if it opens something; the try is taken before anything is looked up."""
    code = form.cleaned_data["code"]
    costs = [("letter.code", code), ("letter.network", whence(request).network)]
    letter = find_staff_letter(code=code) if tries.take_all(costs, now=request.now) else None
    if letter is None or not opens_staff_record(letter=letter, now=request.now):
        form.add_error(
            "code",
            _("This does not work. Look again at the code. Is the letter old or used? Ask for a new one."),
        )
        return None
    tries.give_back_all(costs[1:], now=request.now)
    return letter
