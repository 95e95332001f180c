"""The home feed, a group's page, a message with its replies, and the beacon that says what was on the screen."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import Group
from groups.roles import Hat
from groups.services.hats import hats_of
from messaging.domain.cursor import read_cursor
from messaging.models import Post, Reply
from messaging.services.audience import audience_of, reached_families
from messaging.services.feed import NO_FAMILY, Family, FeedPage, entries_of, family_of, feed_of
from messaging.services.placements import phone_of
from messaging.services.seen import MOST_AT_ONCE, mark_seen
from messaging.views.answering import answer, reply_form
from messaging.views.cards import answer_of, card_of
from messaging.views.request import SignedInRequest
from portal.core import access

CHILD = "kind"
BEFORE = "voor"


@access.declares("Who has this hat: the messages of the own groups in it.")
@require_safe
def feed(request: SignedInRequest, hat: Hat) -> HttpResponse:
    family = _family(request, hat)
    child = _chosen_child(request, family)
    page = feed_of(
        user=request.user,
        hat=hat,
        family=family,
        now=request.now,
        groups=family.groups[child] if child else None,
        before=read_cursor(request.GET.get(BEFORE, "")),
    )
    if not page.entries:
        _demand_hat(request, hat)
    context = {"hat": hat, "kids": _kid_filter(hat, family, child), **_listed(page, hat, request, child)}
    return render(request, "messaging/feed.html", context)


@access.declares("Who may open the group's page, in that hat.")
@require_safe
def group(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    visible = Group.objects.visible_to(request.user, now=request.now, hat=hat).select_related("school_year")
    group = get_object_or_404(visible, uid=uid)
    writable = Group.objects.writable_by(request.user, now=request.now, hat=hat)
    page = feed_of(
        user=request.user,
        hat=hat,
        family=_family(request, hat),
        now=request.now,
        groups=[group.pk],
        before=read_cursor(request.GET.get(BEFORE, "")),
    )
    context = {
        "hat": hat,
        "group": group,
        "group_uid": str(group.uid),
        "is_archive": group.school_year.ends_at <= request.now,
        "may_write": writable.filter(pk=group.pk).exists(),
        "audience": audience_of([group], now=request.now),
        **_listed(page, hat, request),
    }
    return render(request, "messaging/group.html", context)


@access.declares("Who may read the message, in that hat; replying where the message and the role permit.")
@require_http_methods(["GET", "HEAD", "POST"])
def post(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    posts = Post.objects.visible_to(request.user, now=request.now, hat=hat).placed()
    post = get_object_or_404(
        posts.with_powers_for(request.user, now=request.now, hat=hat).select_related("group"), uid=uid
    )
    if request.method != "POST":
        return _post_page(request, hat, post, reply_form())
    answered = answer(request, hat, post)
    return answered.response or _post_page(request, hat, post, answered.form, status=answered.status)


def _post_page(request: SignedInRequest, hat: Hat, post: Any, form: Any, status: int = 200) -> HttpResponse:
    user, now = request.user, request.now
    replies = Reply.objects.visible_to(user, now=now, hat=hat).filter(post=post)
    replies = replies.with_powers_for(user, now=now, hat=hat).in_order()
    [entry] = entries_of([post], user=user, hat=hat, family=_family(request, hat), now=now)
    twins = Post.objects.visible_to(user, now=now, hat=hat).placed().together_with(post).exclude(pk=post.pk)
    context = {
        "hat": hat,
        "post": card_of(entry, hat=hat),
        "group": post.group,
        "twins": [
            {"group": twin.group, "url": reverse("messaging:post", args=[hat, twin.uid])}
            for twin in twins.select_related("group").order_by("pk")
        ],
        "replies": [answer_of(reply, reader=user, hat=hat) for reply in replies],
        "reach": reached_families([post], now=now).get(post.pk) if post.may_count else None,
        "may_reply": post.may_reply,
        "phone": phone_of(post, user=user, hat=hat) if entry.photos else None,
        "answers_all": post.replies == "on" or post.answers_all,
        "form": form,
        "seen_url": reverse("messaging:seen"),
    }
    return render(request, "messaging/post.html", context, status=status)


@access.declares("Everybody signed in: remembers which of the messages one may read stood on the screen.")
@require_POST
def seen(request: SignedInRequest) -> HttpResponse:
    uids = [uid for uid in map(_as_uid, request.POST.getlist("uid")[:MOST_AT_ONCE]) if uid]
    mark_seen(user=request.user, uids=uids, now=request.now)
    return HttpResponse(status=204)


def _as_uid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _family(request: SignedInRequest, hat: Hat) -> Family:
    return family_of(request.user, now=request.now) if hat == Hat.FAMILY else NO_FAMILY


def _chosen_child(request: HttpRequest, family: Family) -> UUID | None:
    """The child of the filter; somebody else's, or none, counts as no filter."""
    uid = _as_uid(request.GET.get(CHILD, ""))
    return uid if uid in family.groups else None


def _demand_hat(request: SignedInRequest, hat: Hat) -> None:
    """An empty feed is for who has this hat; who has none at all reads at home that there is no group yet."""
    hats = hats_of(request.user, now=request.now)
    if not (hats.staff if hat == Hat.STAFF else hats.family or not hats.staff):
        raise Http404


def _listed(page: FeedPage, hat: Hat, request: HttpRequest, child: UUID | None = None) -> dict[str, Any]:
    """The list with its two lines and the way to older messages, for `_entries.html`."""
    cards = [card_of(entry, hat=hat) for entry in page.entries]
    query = f"?{BEFORE}={page.older}" + (f"&{CHILD}={child}" if child else "")
    return {
        "entries": [(card, _line(page, place)) for place, card in enumerate(cards)],
        "since": page.since,
        "older_url": request.path + query if page.older else "",
        "older_than": page.older.published_at if page.older else None,
        "is_first_page": BEFORE not in request.GET,
        "seen_url": reverse("messaging:seen"),
    }


def _line(page: FeedPage, place: int) -> str:
    return {page.lines.new_at: "new", page.lines.read_at: "read"}.get(place, "")


def _kid_filter(hat: Hat, family: Family, chosen: UUID | None) -> list[dict[str, Any]]:
    """The children to choose from, once there are two."""
    if len(family.children) < 2:
        return []
    home = reverse("messaging:feed", args=[hat])
    kids = [
        {"url": f"{home}?{CHILD}={kid.uid}", "kid": kid, "index": kid.kid_index, "current": kid.uid == chosen}
        for kid in family.children
    ]
    return [{"url": home, "label": _("Everything"), "current": chosen is None}, *kids]
