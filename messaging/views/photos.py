"""Photos: coming in one by one, their bytes, one large with its neighbours, and a group's photos by month."""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from groups.models import Group
from groups.roles import Hat
from messaging.models import Image, Post
from messaging.services.photos import album_of, photos_of
from messaging.services.placements import clear_phone
from messaging.views.cards import thumb_of
from messaging.views.picking import take_in
from messaging.views.request import SignedInRequest
from portal.core import access
from portal.core.media import storage

SIDES = {1600, 400}
MONTH = "maand"
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Cookie",
}
"""deploy/nginx.conf has these too, for the bytes it sends itself."""


@access.declares("Who may place messages in a group, in that hat.")
@require_POST
def upload_photo(request: SignedInRequest, hat: Hat) -> HttpResponse:
    groups = list(Group.objects.writable_by(request.user, now=request.now, hat=hat).in_reading_order())
    if not groups:
        raise Http404
    group = next((one for one in groups if str(one.uid) == request.POST.get("groep")), groups[0])
    taken = take_in(request.FILES.getlist("photo")[:1], request, hat, group.school)
    if not taken.images:
        return JsonResponse({"error": taken.complaints[0]}, status=422)
    [image] = taken.images
    url = reverse("messaging:photo", args=[image.uid, 400])
    return JsonResponse({"uid": str(image.uid), "url": url}, status=201)


@access.declares("Who may read a message that the photo stands in; who uploaded it, until it stands somewhere.")
@require_safe
def photo(request: SignedInRequest, uid: UUID, side: int) -> HttpResponse:
    """The bytes, after the door was asked: each showing asks again, and only then a known picture is not sent twice."""
    if side not in SIDES:
        raise Http404
    image = get_object_or_404(Image.objects.visible_to(request.user, now=request.now), uid=uid)
    kind = "webp" if "image/webp" in request.headers.get("Accept", "") else "jpeg"
    etag = f'"{image.sha256[:32]}-{side}-{kind}"'
    response = get_conditional_response(request, etag=etag) or _bytes_of(image, kind, side)
    for name, value in {**HEADERS, "ETag": etag}.items():
        response.headers[name] = value
    return response


def _bytes_of(image: Image, kind: str, side: int) -> HttpResponse:
    place = storage.place_of(image.key, kind, side)
    if settings.KRING_ACCEL:
        return HttpResponse(headers={"Content-Type": f"image/{kind}", "X-Accel-Redirect": settings.KRING_ACCEL + place})
    try:
        return HttpResponse(storage.read(image.key, kind, side), content_type=f"image/{kind}")
    except FileNotFoundError:
        raise Http404 from None


@access.declares("Who may read the message, in that hat: one of its photos, large.")
@require_safe
def viewer(request: SignedInRequest, hat: Hat, uid: UUID, number: int) -> HttpResponse:
    post = _readable(request, hat, uid)
    photos = photos_of([post], user=request.user, hat=hat, now=request.now, most=None).get(post.pk, [])
    if not 1 <= number <= len(photos):
        raise Http404
    context = {
        "hat": hat,
        "post": post,
        "thumb": thumb_of(photos[number - 1], hat=hat),
        "previous": thumb_of(photos[number - 2], hat=hat) if number > 1 else None,
        "following": thumb_of(photos[number], hat=hat) if number < len(photos) else None,
    }
    return render(request, "messaging/viewer.html", context)


@access.declares("Who may open the group's page, in that hat: its photos, a month at a time.")
@require_safe
def album(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    group = get_object_or_404(Group.objects.visible_to(request.user, now=request.now, hat=hat), uid=uid)
    found = album_of(group, user=request.user, hat=hat, now=request.now, month=_month(request))
    months = [
        {"month": month, "url": f"?{MONTH}={month.begins:%Y-%m}", "current": month == found.month}
        for month in found.months
    ]
    thumbs = [thumb_of(photo, hat=hat) for photo in found.photos]
    context = {"hat": hat, "group": group, "month": found.month, "months": months, "thumbs": thumbs}
    return render(request, "messaging/album.html", context)


def _month(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(f"{request.GET.get(MONTH, '')}-01")
    except ValueError:
        return None


@access.declares("The writer of a message with photos.")
@require_POST
def phone_cleared(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post = _readable(request, hat, uid)
    clear_phone(post=post, by=request.user, hat=hat, now=request.now)
    return redirect("messaging:post", hat, post.uid)


def _readable(request: SignedInRequest, hat: Hat, uid: UUID) -> Any:
    posts = Post.objects.visible_to(request.user, now=request.now, hat=hat).placed()
    return get_object_or_404(posts.select_related("group"), uid=uid)
