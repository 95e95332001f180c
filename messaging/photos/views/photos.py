"""Photos: coming in one by one, their bytes, one large with its neighbours, and a group's photos by month."""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from groups.models import Child, Group, School
from groups.roles import Hat
from messaging.photos.policies import can_review
from messaging.photos.services.photos import album_of, find_download, find_photo, photos_of, viewing_at
from messaging.photos.services.placements import clear_phone
from messaging.photos.services.review import waits_in
from messaging.photos.views.blurring import BACK
from messaging.photos.views.picking import Taken, look_again, take_in
from messaging.photos.views.thumbs import nearest_to, thumb_of
from messaging.writings.models import Post
from messaging.writings.policies import can_remove
from portal.core import access
from portal.core.media.kinds import LARGE, kind_for
from portal.core.media.serving import HEADERS, bytes_of, photo_response
from portal.core.paging import paged
from portal.core.request import SignedInRequest, or_404

MONTH = "maand"
ON_A_PAGE = 60
"""Photos of one month: a class that places many has more of them than a phone draws in a moment."""


@access.takes_files
@access.declares("Who may place messages in a group, in that hat.")
@require_POST
def upload_photo(request: SignedInRequest, hat: Hat) -> HttpResponse:
    groups = list(Group.objects.writable_by(request.actor.wearing(hat)).in_reading_order())
    if not groups:
        raise Http404
    group = next((one for one in groups if str(one.uid) == request.POST.get("groep")), groups[0])
    return _taken(request, hat, group.school)


@access.takes_files
@access.declares("Parents with authority over the child, and who teaches it, in that hat.")
@require_POST
def upload_talk_photo(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    """For a message about this child; it is its uploader's alone until it stands in a conversation."""
    children = Child.objects.discussed_by(request.actor.wearing(hat)).select_related("school")
    return _taken(request, hat, get_object_or_404(children, uid=uid).school)


def _taken(request: SignedInRequest, hat: Hat, school: School) -> HttpResponse:
    return _answer(take_in(request.FILES.getlist("photo")[:1], request, hat, school))


def _answer(taken: Taken) -> HttpResponse:
    """Of one photo: where it is, that it waits and where to ask again, or what is wrong with it."""
    if taken.complaints:
        return JsonResponse({"error": taken.complaints[0], "again": taken.again}, status=422)
    [uid] = taken.uids
    if uid in taken.waiting:
        return JsonResponse({"uid": str(uid), "turn": reverse("messaging:photo_turn", args=[uid])}, status=202)
    return JsonResponse({"uid": str(uid), "url": reverse("messaging:photo", args=[uid, 400])}, status=201)


@access.declares("Who sent the photo, while that person may send photos there.")
@require_POST
def photo_turn(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A photo that waits asks for its turn; the same answers as when it was sent, and none of them waits."""
    taken = look_again([uid], request)
    if not (taken.uids or taken.complaints):
        raise Http404
    return _answer(taken)


@access.declares("Who may read a message that the photo stands in; who uploaded it, until it stands somewhere.")
@require_safe
def photo(request: SignedInRequest, uid: UUID, side: int) -> HttpResponse:
    """The bytes, after the door was asked: each showing asks again, and only then a known picture is not sent twice."""
    image = or_404(find_photo(uid, actor=request.actor))
    return photo_response(request, key=image.key, sha256=image.sha256, side=side)


@access.declares("Who may see the photo where it stands, at a school that lets its readers keep a copy.")
@require_safe
def download(request: SignedInRequest, uid: UUID) -> HttpResponse:
    image = or_404(find_download(uid, actor=request.actor))
    try:
        kind = kind_for("image/jpeg", key=image.key, side=LARGE)
        response = bytes_of(image.key, kind, LARGE)
    except FileNotFoundError:
        raise Http404 from None
    named = {"Content-Disposition": f'attachment; filename="foto.{kind}"'}
    for name, value in {**HEADERS, **named}.items():
        response.headers[name] = value
    return response


@access.declares("Who may read the message, in that hat: one of its photos, large.")
@require_safe
def viewer(request: SignedInRequest, hat: Hat, uid: UUID, number: int) -> HttpResponse:
    post = _readable(request, hat, uid)
    removable = hat == Hat.STAFF and can_remove(request.actor, post)
    photos = photos_of([post], actor=request.actor.wearing(hat), most=None).get(post.pk, [])
    back_url = reverse("messaging:post", args=[hat, post.uid])
    if not 1 <= number <= len(photos):
        return redirect(nearest_to(number, [thumb_of(photo, hat=hat) for photo in photos], back_url=back_url))
    context = {
        "hat": hat,
        "post": post,
        "about": post,
        "written": post,
        "report_kind": "bericht",
        "viewing": viewing_at(post.school_id, actor=request.actor),
        "back_url": back_url,
        "thumb": thumb_of(photos[number - 1], hat=hat),
        "remove_url": reverse("messaging:remove_photo", args=[hat, post.uid, photos[number - 1].uid])
        if removable
        else "",
        "previous": thumb_of(photos[number - 2], hat=hat) if number > 1 else None,
        "following": thumb_of(photos[number], hat=hat) if number < len(photos) else None,
        "rather_not_url": _rather_not_url(request, hat, post, photos[number - 1].uid),
    }
    return render(request, "messaging/viewer.html", context)


def _rather_not_url(request: SignedInRequest, hat: Hat, post: Post, image: UUID) -> str:
    """Where it is written down that a child would rather not; for whoever sees the people of the group."""
    if hat != Hat.STAFF or not can_review(request.actor, post.group):
        return ""
    back = urlencode({BACK: reverse("messaging:post", args=[hat, post.uid])})
    return f"{reverse('messaging:rather_not', args=[hat, post.group.uid, image])}?{back}"


@access.declares("Who may open the group's page, in that hat: its photos, a month at a time.")
@require_safe
def album(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    group = get_object_or_404(Group.objects.visible_to(request.actor.wearing(hat)), uid=uid)
    album_page = album_of(group, actor=request.actor.wearing(hat), month=_month(request))
    months = [
        {"month": month, "url": f"?{MONTH}={month:%Y-%m}", "current": month == album_page.month}
        for month in album_page.months
    ]
    page = paged(album_page.photos, request, size=ON_A_PAGE)
    thumbs = [thumb_of(photo, hat=hat) for photo in page]
    waits = bool(months) and not thumbs and hat == Hat.STAFF and waits_in(group, actor=request.actor)
    context = {
        "hat": hat,
        "group": group,
        "month": album_page.month,
        "months": months,
        "thumbs": thumbs,
        "page": page,
        "review_url": reverse("messaging:review", args=[hat, group.uid]) if waits else "",
    }
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
    clear_phone(post=post, by=request.actor.wearing(hat))
    return redirect("messaging:post", hat, post.uid)


def _readable(request: SignedInRequest, hat: Hat, uid: UUID) -> Post:
    posts = Post.objects.visible_to(request.actor.wearing(hat)).placed()
    return get_object_or_404(posts.select_related("group"), uid=uid)
