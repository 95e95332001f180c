"""The home feed, a group's page, a message with its replies, and the beacon that says what was on the screen."""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.answers.services.choices import is_waited_for
from groups.doors.context import hats_here, reads_nothing
from groups.people.services.pages import find_group
from groups.records.domain.working_hours import is_off
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.asks.services.answering import heard_from
from messaging.asks.services.board import Board, asks_for, board_of, row_of
from messaging.asks.services.coming import taken_of
from messaging.asks.services.helping import helpers_of, may_show_phone, shown_phones
from messaging.asks.services.voting import outcome_of
from messaging.keeping.services import UNDER_POST, tab_of
from messaging.keeping.views import keep_url
from messaging.photos.services.placements import phone_of
from messaging.photos.services.review import WaitingPhotos, waiting_for
from messaging.posts.services.feed import NO_FAMILY, PAGE, Family, FeedPage, entries_of, family_in, feed_of
from messaging.posts.services.post_reading import RepliesPage, find_post, replies_to, twin_of, twins_of
from messaging.posts.views.answering import TO_ALL, TO_STAFF, answer, reply_form
from messaging.posts.views.cards import answer_of, card_of, cards_of, report_url_of
from messaging.urgent.services.standing import may_follow, standing_for
from messaging.writings.domain.cursor import REPLY, read_cursor
from messaging.writings.models import AskKind, Post
from messaging.writings.services.audience import audience_of, count_adults, reached_families
from messaging.writings.services.names import child_praised, names_lost
from messaging.writings.services.powers import powered
from messaging.writings.services.seen import MOST_AT_ONCE, mark_seen
from portal.core import access
from portal.core.domain.moments import noon_of
from portal.core.request import SignedInRequest, as_uid, or_404, uids_in

CHILD = "kind"
BEFORE = "voor"
FOR_AN_ASK = 2
"""So many messages fewer for each ask above them: the page stays as light, and the rest is behind "older"."""


@access.declares("Who has this hat: the messages of the own groups in it.")
@require_safe
def feed(request: SignedInRequest, hat: Hat) -> HttpResponse:
    family = _family(request, hat)
    child = _chosen_child(request, family)
    board = _board(request, hat, child)
    page = feed_of(
        actor=request.actor.wearing(hat),
        hats=hats_here(request),
        family=family,
        groups=sorted(family.groups[child]) if child else None,
        before=read_cursor(request.GET.get(BEFORE, "")),
        size=max(PAGE - FOR_AN_ASK * len(board.waiting), PAGE // 2) if board else PAGE,
    )
    if not page.entries:
        _demand_hat(request, hat)
    context = {
        "hat": hat,
        "kids": _kid_filter(hat, family, child),
        "consent_waits": _consent_waits(request, hat),
        "board": board,
        "filtered_by": child or "",
        "waiting": _waiting(request, hat),
        "urgent": _urgent(request, hat),
        "reads_nothing": not page.entries and reads_nothing(request, hat),
        **_listed(page, hat, request, child),
    }
    return render(request, "messaging/feed.html", context)


def _consent_waits(request: SignedInRequest, hat: Hat) -> bool:
    is_home = hat == Hat.FAMILY and BEFORE not in request.GET
    return is_home and is_waited_for(actor=request.actor)


def _urgent(request: SignedInRequest, hat: Hat) -> list[object]:
    """What cannot wait and was not on this parent's screen yet; whichever child is chosen."""
    if hat != Hat.FAMILY or BEFORE in request.GET:
        return []
    return list(standing_for(request.actor.wearing(hat)))


def _board(request: SignedInRequest, hat: Hat, child: UUID | None) -> Board | None:
    """What is asked of a parent, above the newest messages only."""
    if hat != Hat.FAMILY or BEFORE in request.GET:
        return None
    return board_of(actor=request.actor.wearing(hat), hats=hats_here(request), child=child)


@access.declares("Who may open the group's page, in that hat.")
@require_safe
def group(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    group = or_404(find_group(uid, actor=request.actor.wearing(hat)))
    page = feed_of(
        actor=request.actor.wearing(hat),
        hats=hats_here(request),
        family=_family(request, hat),
        groups=[group.pk],
        before=read_cursor(request.GET.get(BEFORE, "")),
    )
    hats = hats_here(request)
    sign = hats.signs.get(hat, {}).get(group.pk)
    context = {
        "hat": hat,
        "group": group,
        "school": sign.school if sign and hats.has_schools(hat) else "",
        "group_uid": str(group.uid),
        "is_archive": group.school_year.ends_at <= request.now,
        "may_write": group.may_write,
        "may_manage": hat == Hat.STAFF and group.may_manage,
        "audience": audience_of([group], now=request.now),
        "adults": count_adults([group], now=request.now),
        "waiting": [one for one in _waiting(request, hat) if one.group.pk == group.pk],
        **_listed(page, hat, request),
    }
    return render(request, "messaging/group.html", context)


@access.declares("Who may read the message, in that hat; replying where the message and the role permit.")
@require_http_methods(["GET", "HEAD", "POST"])
def post(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post = _post_with_powers(request, hat, uid)
    if post is None:
        return _twin(request, hat, uid)
    if post.is_removed:
        return _removed_page(request, hat, post)
    if request.method != "POST":
        return _post_page(request, hat, post, reply_form(post))
    answered = answer(request, hat, post)
    if answered.response:
        return answered.response
    post = or_404(_post_with_powers(request, hat, uid)) if answered.status == 409 else post
    return _post_page(request, hat, post, answered.form, status=answered.status)


def _post_with_powers(request: SignedInRequest, hat: Hat, uid: UUID) -> Post | None:
    actor = request.actor.wearing(hat)
    post = find_post(uid, actor=actor, tab=tab_of(request.GET))
    return powered([post], actor)[0] if post else None


def _twin(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    """What says the same, where the reader lost the group of the one and not of the other; else it does not exist."""
    if request.method == "POST":
        raise Http404
    return redirect("messaging:post", hat, or_404(twin_of(uid, actor=request.actor.wearing(hat))))


def _removed_page(request: SignedInRequest, hat: Hat, post: Post) -> HttpResponse:
    """The fixed sentence, also to an answer that somebody was typing meanwhile; that text is still in the tab."""
    context = {"hat": hat, "group": post.group, "post": post}
    return render(request, "messaging/removed.html", context, status=403 if request.method == "POST" else 200)


def _post_page(
    request: SignedInRequest, hat: Hat, post: Post, form: forms.Form | None, status: int = 200
) -> HttpResponse:
    actor, now = request.actor.wearing(hat), request.now
    page = _replies_page(request, hat, post)
    hats, family = hats_here(request), _family(request, hat)
    [entry] = entries_of([post], hats=hats, family=family, actor=actor)
    twins, waits = twins_of(post, actor=actor), post.placed_at > now
    answers_all = post.replies == "on" or post.answers_all
    read_by = TO_ALL if answers_all else TO_STAFF
    lost = names_lost([post], now=now).get(post.pk, []) if post.is_held else []
    context = {
        "hat": hat,
        "post": card_of(entry, hat=hat),
        "report_url": report_url_of(post, reader=actor.user, hat=hat),
        "topic_label": post.get_topic_display(),
        "group": post.group,
        "twins": [{"group": twin.group, "url": reverse("messaging:post", args=[hat, twin.uid])} for twin in twins],
        "replies": [answer_of(reply, reader=actor.user, hat=hat) for reply in page.replies],
        "today": noon_of(now),
        "older_url": f"{request.path}?{BEFORE}={page.older}#reacties" if page.older else "",
        "is_newest": page.is_newest,
        "reach": reached_families({post.pk: post.group.pk}, now=now).get(post.pk) if post.may_count else None,
        "follows": hat == Hat.STAFF and not waits and may_follow(post, by=actor),
        "may_reply": post.may_reply,
        "phone": phone_of(post, actor=actor) if entry.photos else None,
        "answers_all": answers_all,
        "shown": request.POST.get("shown", "") if status == 422 else read_by,
        "form": form,
        "keep_url": keep_url(hat, UNDER_POST, post.uid),
        "seen_url": reverse("messaging:seen"),
        "waits": waits,
        "is_held": post.is_held,
        "begins_when_shown": post.begins_when_shown(now),
        "is_spared": bool(lost),
        "lost": lost if post.may_retract else [],
        "audience": audience_of([post.group, *(twin.group for twin in twins)], now=now) if waits else None,
        "seconds_left": ceil((post.placed_at - now).total_seconds()),
        "may_call_back": post.may_retract,
        **_asked(request, hat, post, twins),
        "praised": child_praised(post, actor=actor) if waits and post.may_retract else "",
    }
    return render(request, "messaging/post.html", context, status=status)


def _asked(request: SignedInRequest, hat: Hat, post: Post, twins: Sequence[Post]) -> dict[str, object]:
    """What the message asks of this reader's children, or what this reader, as staff, heard of the families."""
    if not post.ask or post.is_hidden:
        return {}
    actor = request.actor.wearing(hat)
    if hat == Hat.STAFF:
        heard = heard_from(post, actor=actor) if post.may_count else []
        outcome = outcome_of(post, actor=actor) if post.may_count else None
        tasks = helpers_of(post, actor=actor) if post.may_count else []
        counted = Counter(one.answer or "none" for one in heard)
        taken = taken_of(post, now=request.now)
        asked = {"asking": post, "heard": counted, "outcome": outcome, "helped": tasks, "taken": taken}
        return {**asked, "is_on_day_off": post.may_edit and _is_on_day_off(post)}
    rows = [row_of(one) for one in (post, *twins) if one.ask]
    asks = asks_for(rows, kin=hats_here(request).kin, actor=actor)
    if post.ask != AskKind.HELP:
        return {"asks": asks}
    return {
        "asks": asks,
        "phones": shown_phones(post, actor=actor),
        "may_show_phone": may_show_phone(post, by=actor),
    }


def _is_on_day_off(post: Post) -> bool:
    return post.ask_on is not None and is_off(post.ask_on, days_off_of(post.school))


def _replies_page(request: SignedInRequest, hat: Hat, post: Post) -> RepliesPage:
    """The stretch of the answers that the address names; what was refused comes back under the newest."""
    asked = QueryDict() if request.method == "POST" else request.GET
    before, ending = read_cursor(asked.get(BEFORE, "")), as_uid(asked.get(REPLY, ""))
    return replies_to(post, actor=request.actor.wearing(hat), before=before, ending=ending)


@access.declares("Everybody signed in: remembers which of the messages one may read stood on the screen.")
@require_POST
def seen(request: SignedInRequest) -> HttpResponse:
    uids = uids_in(request.POST.getlist("uid")[:MOST_AT_ONCE])
    mark_seen(by=request.actor, uids=uids)
    return HttpResponse(status=204)


def _waiting(request: SignedInRequest, hat: Hat) -> list[WaitingPhotos]:
    """Photos that staff have to look at; asked above the first page of a list only; the directie has a desk."""
    if hat != Hat.STAFF or BEFORE in request.GET or hats_here(request).directs:
        return []
    return waiting_for(request.actor, signs=hats_here(request).signs.get(hat, {}))


def _family(request: SignedInRequest, hat: Hat) -> Family:
    return family_in(hats_here(request)) if hat == Hat.FAMILY else NO_FAMILY


def _chosen_child(request: HttpRequest, family: Family) -> UUID | None:
    """The child of the filter; somebody else's, or none, counts as no filter."""
    uid = as_uid(request.GET.get(CHILD, ""))
    return uid if uid in family.groups else None


def _demand_hat(request: SignedInRequest, hat: Hat) -> None:
    """An empty feed is for who has this hat; who has none at all reads at home that there is no group yet."""
    hats = hats_here(request)
    if not (hats.staff if hat == Hat.STAFF else hats.family or not hats.staff):
        raise Http404


def _listed(page: FeedPage, hat: Hat, request: HttpRequest, child: UUID | None = None) -> dict[str, object]:
    """The list with its two lines and the way to older messages, for `_entries.html`."""
    query = f"?{BEFORE}={page.older}" + (f"&{CHILD}={child}" if child else "")
    return {
        "runs": _runs(page, cards_of(page.entries, hat=hat, now=request.now)),
        "since": page.since,
        "older_url": request.path + query if page.older else "",
        "older_than": page.older.published_at if page.older else None,
        "today": noon_of(request.now),
        "is_first_page": BEFORE not in request.GET,
        "seen_url": reverse("messaging:seen"),
    }


def _runs(page: FeedPage, cards: list[SafeString]) -> list[dict[str, object]]:
    """The cards, parted where a line stands: none, "new" or "read" above each part."""
    places = {0: "", page.lines.new_at: "new", page.lines.read_at: "read"}
    begins = sorted(place for place in places if place is not None)
    ends = [*begins[1:], len(cards)]
    parts = [(places[begin], cards[begin:end]) for begin, end in zip(begins, ends, strict=True)]
    return [{"line": line, "cards": SafeString("\n".join(part))} for line, part in parts if part]


def _kid_filter(hat: Hat, family: Family, chosen: UUID | None) -> list[dict[str, object]]:
    """The children to choose from, once there are two."""
    if len(family.children) < 2:
        return []
    home = reverse("messaging:feed", args=[hat])
    kids = [{"url": f"{home}?{CHILD}={kid.uid}", "kid": kid, "current": kid.uid == chosen} for kid in family.children]
    return [{"url": home, "label": _("Everything"), "current": chosen is None}, *kids]
