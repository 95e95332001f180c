"""The page that keeps what is being written, for a script and for the button that begins anew; and when it arrived."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from groups.roles import Hat
from messaging.keeping.services import FORMS, HAND_IN, TooMuchError, forget, keep
from portal.core import access
from portal.core.request import SignedInRequest
from portal.core.templatetags.kring import clock


def arrived(request: SignedInRequest, hat: Hat, form: str, sentence: str, *, level: int = messages.SUCCESS) -> None:
    """What was written is where it belongs: nothing of it is kept any more, here nor in the tab (keep.js)."""
    forget(form=form, by=request.actor.wearing(hat))
    messages.add_message(request, level, sentence, extra_tags=f"kept:{form}")


@access.declares("Everybody signed in, in that hat: the own unsent text, which nobody else reads.")
@require_POST
def keep_text(request: SignedInRequest, hat: Hat, form: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404
    actor = request.actor.wearing(hat)
    if "forget" in request.POST:
        forget(form=form, by=actor)
        return redirect("messaging:hand_in" if form == HAND_IN else "messaging:compose", hat)
    try:
        is_kept = keep(form=form, sent=request.POST, by=actor)
    except TooMuchError:
        return JsonResponse({}, status=413)
    return JsonResponse({"at": clock(actor.now) if is_kept else ""})
