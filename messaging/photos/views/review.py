"""Looking after a no: photos on which a child may be, thirty at a time, and those that stay away."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from groups.models import Group
from groups.roles import Hat
from messaging.photos.services.judging import Judged, deny_depiction, judge_photos, remove_photo
from messaging.photos.services.review import AT_A_TIME, Barred, PhotoToJudge, child_of, review_of
from messaging.photos.views.blurring import BACK
from portal.core import access
from portal.core.addresses import address
from portal.core.media.kinds import LARGE
from portal.core.request import SignedInRequest, as_uid, or_404, uids_in

CHILD = "kind"


@access.declares("Staff who see the people of the group: its photos that have to be looked at after a no.")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if hat != Hat.STAFF:
        raise Http404
    managed = Group.objects.managed_by(request.actor).select_related("school")
    group = get_object_or_404(managed, uid=uid)
    if request.method == "POST":
        return _act(request, group)
    to_review = review_of(group, actor=request.actor, child=as_uid(request.GET.get(CHILD, "")))
    context = {
        "hat": hat,
        "group": group,
        "review": to_review,
        "children": [
            {"child": child, "photos": photos, "url": f"?{CHILD}={child.uid}", "current": child == to_review.child}
            for child, photos in to_review.children.items()
        ],
        "photos": [_tile(photo, hat, group, request.path) for photo in to_review.photos],
        "barred": [_stays_away(one, hat, group, request.path) for one in to_review.barred],
        "most": AT_A_TIME,
    }
    return render(request, "messaging/review.html", context)


def _tile(photo: PhotoToJudge, hat: Hat, group: Group, here: str) -> dict[str, object]:
    return {
        "photo": photo,
        "small": address("messaging:photo", photo.uid, 400),
        "large": address("messaging:photo", photo.uid, LARGE),
        "blur_url": f"{address('messaging:blur', hat, photo.uid)}?{BACK}={here}",
        "rather_not_url": f"{address('messaging:rather_not', hat, group.uid, photo.uid)}?{BACK}={here}",
        "post_url": address("messaging:post", hat, photo.post_uid),
    }


def _stays_away(one: Barred, hat: Hat, group: Group, here: str) -> dict[str, object]:
    rather_not = any(person.rather_not for person in one.people)
    return {**_tile(one.photo, hat, group, here), "people": one.people, "is_rather_not": rather_not}


def _act(request: SignedInRequest, group: Group) -> HttpResponse:
    """One of the three buttons; an answer that is not understood changes nothing."""
    acts = {"judge": _judge, "absent": _absent, "remove": _remove}
    if act := acts.get(request.POST.get("act", "")):
        act(request, group)
    child = as_uid(request.POST.get("child", ""))
    return redirect(request.path + (f"?{CHILD}={child}" if child else ""))


def _judge(request: SignedInRequest, group: Group) -> None:
    child = or_404(child_of(group, uid=as_uid(request.POST.get("child", ""))))
    looked_at, on = (_uids(request, name) for name in ("photo", "on"))
    judged = judge_photos(group=group, child=child, looked_at=looked_at, on=on, by=request.actor)
    messages.success(request, _result(judged))


def _result(judged: Judged) -> str:
    back = ngettext("%(count)s photo is back.", "%(count)s photos are back.", judged.back) % {"count": judged.back}
    stays = ngettext("%(count)s photo stays away.", "%(count)s photos stay away.", judged.on) % {"count": judged.on}
    told = filter(None, (back if judged.back else "", stays if judged.on else ""))
    return " ".join(told) or _("There was nothing left to look at.")


def _absent(request: SignedInRequest, group: Group) -> None:
    image, person = (as_uid(request.POST.get(name, "")) for name in ("photo", "person"))
    if image and person and deny_depiction(group=group, image=image, person=person, by=request.actor):
        messages.success(request, _("Kept, with your name."))


def _remove(request: SignedInRequest, group: Group) -> None:
    image = as_uid(request.POST.get("photo", ""))
    if image and remove_photo(group=group, image=image, by=request.actor):
        messages.success(request, _("The photo is out of the message."))


def _uids(request: HttpRequest, name: str) -> list[UUID]:
    return uids_in(request.POST.getlist(name)[:AT_A_TIME])
