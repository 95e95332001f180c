"""Pupils of 16 and over, who decide for themselves: who is in, their letters, and one pupil."""

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.letters.domain.codes import show_code
from groups.letters.forms import LettersForm
from groups.letters.services.invitations import NotInvitableError
from groups.people.forms.people import PupilForm
from groups.people.services import families, pupils
from groups.people.services.shields import is_own_child
from groups.people.views.people import directed_schools
from groups.records.models.people import Child
from portal.core import access, submissions
from portal.core.confirming import confirmed_recently
from portal.core.paging import paged
from portal.core.paper import render_on_paper
from portal.core.request import SignedInRequest, as_uid, or_404
from portal.core.submissions import AlreadySubmittedError

WHO = "wie"
"""In the address of the page: the letter of one pupil, also where one is out."""


@access.declares("The directie, about the own school only: pupils of 16 and over, and who of them is in.")
@require_safe
def pupils_of_age(request: SignedInRequest) -> HttpResponse:
    directed_schools(request)
    page = paged(pupils.pupils_of(request.actor), request)
    shown = list(page.object_list)
    classes = families.classes_by_child((one.pk for one in shown), now=request.now)
    letters = pupils.letters_out(shown, now=request.now)
    context = {
        "page": page,
        "rows": [(one, classes.get(one.pk), letters.get(one.pk)) for one in shown],
        "to_print": pupils.without_letter(actor=request.actor).count(),
        **pupils.pupils_in(actor=request.actor),
    }
    return render(request, "groups/pupils.html", context)


@access.declares("The directie of the pupil's school: its letters and its account; changing them not for an own child.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def pupil(request: SignedInRequest, uid: UUID) -> HttpResponse:
    child = or_404(pupils.find_pupil(uid, actor=request.actor))
    form = PupilForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["act"] == form.WITHDRAW:
            pupils.withdraw_pupil_letter(pupil=child, by=request.actor)
            messages.success(request, _("The letter does not work any more."))
        else:
            pupils.unlink_pupil(pupil=child, by=request.actor)
            messages.success(request, _("The account was taken off."))
        return redirect("groups:pupil", uid=child.uid)
    context = {
        "child": child,
        "group": families.classes_by_child([child.pk], now=request.now).get(child.pk),
        "out": pupils.letters_out([child], now=request.now).get(child.pk),
        "letters": pupils.letters_to(child, now=request.now),
        "is_own": is_own_child(child, request.actor),
        "can_get_letter": pupils.to_invite(actor=request.actor).filter(pk=child.pk).exists(),
        "print_url": f"{reverse('groups:print_pupils')}?{WHO}={child.uid}",
    }
    return render(request, "groups/pupil.html", context, status=422 if form.errors else 200)


@access.declares("The directie of the school: letters for pupils of 16 and over who are not in; no own child.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def print_pupils(request: SignedInRequest) -> HttpResponse:
    directed_schools(request)
    if WHO in request.GET:
        one = or_404(pupils.find_pupil(or_404(as_uid(request.GET[WHO])), actor=request.actor))
        people, back = pupils.to_invite(actor=request.actor).filter(pk=one.pk), reverse("groups:pupil", args=[one.uid])
    else:
        people, back = pupils.without_letter(actor=request.actor)[: pupils.AT_ONCE], reverse("groups:pupils")
    form = LettersForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and people:
        try:
            return _sheets(request, list(people), form.cleaned_data["key"], back)
        except AlreadySubmittedError:
            messages.warning(request, _("These letters were made already. Make them again if you need them."))
        except NotInvitableError:
            messages.warning(request, _("Nobody needs a letter here any more."))
        return redirect(back)
    context = {"people": people, "form": form, "back": back}
    return render(request, "groups/print_pupils.html", context, status=422 if form.errors else 200)


def _sheets(request: SignedInRequest, people: list[Child], key: UUID, back: str) -> HttpResponse:
    with transaction.atomic():
        submissions.claim(user=request.user, key=key, subject_kind="letters", subject_uid=uuid4(), now=request.now)
        made = pupils.print_pupil_letters(pupils=people, by=request.actor)
    classes = families.classes_by_child((one.pk for one in people), now=request.now)
    url = settings.KRING_BASE_URL + reverse("groups:letter")
    letters = [(one, classes.get(one.pk), letter, show_code(code)) for one, letter, code in made]
    context = {"letters": letters, "back": back, "url": url, "shown_url": url.partition("://")[2].rstrip("/")}
    return render_on_paper(request, "groups/pupil_letter_sheet.html", context)
