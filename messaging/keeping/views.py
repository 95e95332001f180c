"""The page that keeps what is being written, for a script and for the button that begins anew; and when it arrived."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from groups.roles import Hat
from messaging.keeping.services import ANEW, COMPOSE, FORMS, HAND_IN, TooMuchError, forget, is_form, keep, name_of
from messaging.writings.services.names import names_a_child_in_full
from portal.core import access
from portal.core.request import SignedInRequest, uids_in
from portal.core.said import KEPT
from portal.core.templatetags.kring import clock


def arrived(request: SignedInRequest, hat: Hat, form: str, sentence: str, *, level: int = messages.SUCCESS) -> None:
    """What was written is where it belongs: nothing of it is kept any more, here nor in the tab (keep.js)."""
    forget(form=form, sent=request.POST, by=request.actor.wearing(hat))
    messages.add_message(request, level, sentence, extra_tags=f"{KEPT}{form}")


def keep_url(hat: Hat, kind: str, uid: UUID) -> str:
    """Where the form of this kind about one message, conversation or child is kept."""
    return reverse("messaging:keep_text", args=[hat, name_of(kind, uid)])


@access.declares("Everybody signed in, in that hat: the own unsent text, which nobody else reads.")
@require_POST
def keep_text(request: SignedInRequest, hat: Hat, form: str) -> HttpResponse:
    if not is_form(form):
        raise Http404
    actor = request.actor.wearing(hat)
    if "forget" in request.POST and form in FORMS:
        forget(form=form, sent=request.POST, by=actor)
        page = reverse("messaging:hand_in" if form == HAND_IN else "messaging:compose", args=[hat])
        return redirect(f"{page}?{ANEW}=1")
    try:
        is_kept = keep(form=form, sent=request.POST, by=actor)
    except TooMuchError:
        return JsonResponse({}, status=413)
    said: dict[str, object] = {"at": clock(actor.now) if is_kept else ""}
    if form == COMPOSE:
        texts = [request.POST.get("title", ""), request.POST.get("text", "")]
        if names_a_child_in_full(texts, groups=uids_in(request.POST.getlist("groep")), actor=actor):
            said["name"] = True
    return JsonResponse(said)
