"""Making somebody on a photo unrecognisable: the page where spots are drawn, and what the script sends."""

import json
from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.photos.models import Image
from messaging.photos.policies import can_blur
from messaging.photos.services.blurring import ChangedMeanwhileError, NotBlurredError, blur_image, count_places
from messaging.photos.services.photos import find_image
from messaging.photos.services.review import still_stays_away
from portal.core import access
from portal.core.media.kinds import LARGE, SMALL
from portal.core.media.spots import MOST_SPOTS, BadSpotsError, Spot, cells
from portal.core.request import SignedInRequest, or_404

A_SIDE = 6
BACK = "terug"
LONGEST = 10_000


@access.declares("Who sees the photo and may change it: its uploader, the writer of its message, staff of its group.")
@require_http_methods(["GET", "HEAD", "POST"])
def blur(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    image = or_404(find_image(uid, actor=request.actor.wearing(hat)))
    access.demand(can_blur(request.actor.wearing(hat), image))
    if request.method != "POST":
        return _page(request, hat, image)
    complaint = _blurred(request, hat, image)
    if "application/json" in request.headers.get("Accept", ""):
        return _told(request, image, complaint)
    if complaint:
        return _page(request, hat, image, complaint, status=422)
    messages.success(request, _("Done. Nobody can make this visible again."))
    if still_stays_away(image, actor=request.actor.wearing(hat)):
        messages.info(request, _("The photo stays away until you say there who is not on it any more."))
    return redirect(back_of(request) or request.path)


def _blurred(request: SignedInRequest, hat: Hat, image: Image) -> str:
    """Do it; returns what is wrong, in words that say what to do."""
    try:
        blur_image(image=image, spots=_spots(request), by=request.actor.wearing(hat))
    except BadSpotsError:
        return _("Choose first what must become unrecognisable. At most %(most)s spots fit.") % {"most": MOST_SPOTS}
    except ChangedMeanwhileError:
        return _("This photo was changed in the meantime. Look at it once more.")
    except NotBlurredError as refused:
        return _why(refused.reason)
    return ""


def _why(reason: str) -> str:
    if reason == "room":
        return _("There is no room for photos now. The photo is as it was. Tell the school's IT person.")
    return _("That did not work. Try again soon.")


def _spots(request: SignedInRequest) -> Iterable[Spot]:
    """What was drawn, or without scripts the ticked cells."""
    if "spots" not in request.POST:
        ticked = set(request.POST.getlist("cell"))
        return cells((cell for cell in range(A_SIDE**2) if str(cell) in ticked), a_side=A_SIDE)
    try:
        drawn = json.loads(request.POST["spots"][:LONGEST])
    except (ValueError, RecursionError):
        raise BadSpotsError from None
    if not isinstance(drawn, list):
        raise BadSpotsError
    return drawn


def _told(request: SignedInRequest, image: Image, complaint: str) -> JsonResponse:
    """A new address each time, so that the page shows no photo that it still remembers."""
    if complaint:
        return JsonResponse({"error": complaint}, status=422)
    return JsonResponse({"url": f"{reverse('messaging:photo', args=[image.uid, SMALL])}?{request.now.timestamp():.0f}"})


def _page(request: SignedInRequest, hat: Hat, image: Image, complaint: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, object] = {
        "hat": hat,
        "image": image,
        "photo_url": f"{reverse('messaging:photo', args=[image.uid, LARGE])}?{image.sha256[:8]}",
        "cells": [(row * A_SIDE + column, row + 1, column + 1) for row in range(A_SIDE) for column in range(A_SIDE)],
        "places": count_places(image=image),
        "back_url": back_of(request),
        "complaint": complaint,
    }
    return render(request, "messaging/blur.html", context, status=status)


def back_of(request: SignedInRequest) -> str:
    """Where one came from, when that is a page of ours."""
    wanted = request.POST.get(BACK) or request.GET.get(BACK, "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""
