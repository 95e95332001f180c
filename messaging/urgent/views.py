"""Urgent messages: written, looked at once more, sent; and where each came, as what every family has to read."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import School
from groups.records.places import place_of
from groups.records.policies import can_direct
from groups.roles import Hat
from messaging.urgent.domain import PLACES
from messaging.urgent.forms import UrgentDeputyForm, UrgentForm
from messaging.urgent.querysets import alarmed_by
from messaging.urgent.services.deputies import NoPlaceError, deputies_of, end_deputy, name_deputy, nameable
from messaging.urgent.services.reach import end_follow_up, find_followed, follow_ups_at, is_urgent, note_call, reach_of
from messaging.urgent.services.readers import message_behind, note_read
from messaging.urgent.services.sending import (
    SaidBeforeError,
    foresee_urgent,
    groups_alarmed,
    send_urgent,
    sent_this_year,
)
from messaging.writings.models import Post
from messaging.writings.services.audience import Audience, count_adults
from messaging.writings.services.names import NamesRefusedError, names_lost
from messaging.writings.services.read_links import read_link_of
from messaging.writings.views.naming import NOT_CHILD, refuse_names
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.paper import render_on_paper
from portal.core.request import Place, SignedInRequest, as_uid, or_404, place_among
from portal.core.said import KEPT
from portal.core.submissions import AlreadySubmittedError

SEND, CHANGE, SAID = "send", "change", "gelezen"


@access.declares("The directie, and at most three whom it named, about the own school only: what cannot wait.")
@require_http_methods(["GET", "HEAD", "POST"])
def urgent(request: SignedInRequest) -> HttpResponse:
    place = _place(request)
    groups = groups_alarmed(place.school, by=request.actor)
    if request.method != "POST":
        return _page(request, place, UrgentForm(groups=groups))
    form, act = UrgentForm(request.POST, groups=groups), request.POST.get("act", "")
    if not form.is_valid() or act == CHANGE:
        return _page(request, place, form, status=422 if form.errors else 200)
    try:
        if act == SEND:
            return _send(request, place, form)
        draft = form.draft(request.POST.getlist(NOT_CHILD))
        return _sure(request, place, form, foresee_urgent(school=place.school, draft=draft, by=request.actor))
    except NamesRefusedError as refused:
        refuse_names(form, refused.names, [form.cleaned_data["title"], form.cleaned_data["text"]])
    except SaidBeforeError:
        form.add_error(None, _("This stands there already as an ordinary message. Change the words, then send."))
    return _page(request, place, form, status=422)


def _place(request: SignedInRequest) -> Place:
    return place_among(_alarmed(actor=request.actor), request)


@compiled
def _alarmed(actor: Actor) -> QuerySet[School]:
    return alarmed_by(actor).order_by("name", "pk")


def _send(request: SignedInRequest, place: Place, form: UrgentForm) -> HttpResponse:
    """A second click leads to what the first one sent; an ordinary message of the same words is not that."""
    draft, kept = form.draft(request.POST.getlist(NOT_CHILD)), f"{KEPT}urgent-{place.school.uid}"
    try:
        key = form.cleaned_data["key"]
        uid = send_urgent(school=place.school, draft=draft, submission_key=key, by=request.actor).uid
        messages.success(request, _("Sent. Here you see whom it reaches."), extra_tags=kept)
    except AlreadySubmittedError as first:
        uid = first.subject_uid
        if not is_urgent(find_followed(uid, actor=request.actor)):
            raise SaidBeforeError from None
        words = _("This was sent before, so nobody gets it twice. Here you see whom it reaches.")
        messages.info(request, words, extra_tags=kept)
    return redirect("messaging:reach", uid)


def _sure(request: SignedInRequest, place: Place, form: UrgentForm, audience: Audience) -> HttpResponse:
    context = {"hat": Hat.STAFF, "place": place, "form": form, "audience": audience}
    context["not_children"] = request.POST.getlist(NOT_CHILD)
    context["group"] = group = form.draft([]).group
    context["adults"] = count_adults([group], now=request.now)
    return render(request, "messaging/urgent_sure.html", context)


def _page(request: SignedInRequest, place: Place, form: UrgentForm, status: int = 200) -> HttpResponse:
    context = {
        "hat": Hat.STAFF,
        "place": place,
        "form": form,
        "not_children": request.POST.getlist(NOT_CHILD),
        "sent": sent_this_year(place.school, by=request.actor),
        "to_follow": follow_ups_at(place.school, by=request.actor),
        "directs": can_direct(request.actor, place.school),
    }
    return render(request, "messaging/urgent.html", context, status=status)


@access.declares("The directie, and at most three whom it named, about the own school only: whom a message reached.")
@require_http_methods(["GET", "HEAD", "POST"])
def reach(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Also where it is said that who remains has it on paper."""
    post = or_404(find_followed(uid, actor=request.actor))
    if request.method == "POST":
        end_follow_up(post=post, by=request.actor)
        return redirect("messaging:reach", uid)
    return render(request, "messaging/reach.html", _reach_context(request, post))


@access.declares("The directie, and at most three whom it named, about the own school only: who was phoned.")
@require_POST
def reach_called(request: SignedInRequest, uid: UUID) -> HttpResponse:
    post = or_404(find_followed(uid, actor=request.actor))
    caregiver = or_404(as_uid(request.POST.get("who", "")))
    note_call(post=post, caregiver=caregiver, was_called="not" not in request.POST, by=request.actor)
    return redirect(reverse("messaging:reach", args=[uid]) + "#bellen")


@access.declares("The directie, and at most three whom it named, about the own school only: on paper for who remains.")
@require_safe
def reach_letters(request: SignedInRequest, uid: UUID) -> HttpResponse:
    post = or_404(find_followed(uid, actor=request.actor))
    context = {**_reach_context(request, post), "is_spared": bool(names_lost([post], now=request.now))}
    return render_on_paper(request, "messaging/reach_letters.html", context)


def _reach_context(request: SignedInRequest, post: Post) -> dict[str, object]:
    following = getattr(post, "follow_up", None)
    reach = reach_of(post, actor=request.actor)
    urgent, readable = is_urgent(post), Post.objects.visible_to(request.actor.wearing(Hat.STAFF))
    about = {"following": following, "is_urgent": urgent, "reads": urgent or readable.filter(pk=post.pk).exists()}
    return {"hat": Hat.STAFF, "post": post, "reach": reach, **about}


@access.declares("The directie, about the own school only: who else sends what cannot wait.")
@require_http_methods(["GET", "HEAD", "POST"])
def urgent_deputies(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    named = deputies_of(place.school, by=request.actor)
    staff = nameable(place.school, by=request.actor)
    if request.method != "POST":
        return _deputies_page(request, place, UrgentDeputyForm(staff=staff))
    for deputy in named:
        if str(deputy.staff.uid) == request.POST.get("end"):
            end_deputy(staff=deputy.staff, by=request.actor)
            return redirect(reverse("messaging:urgent_deputies") + place.ask)
    form = UrgentDeputyForm(request.POST, staff=staff)
    if form.is_valid():
        try:
            name_deputy(staff=form.chosen, by=request.actor)
            return redirect(reverse("messaging:urgent_deputies") + place.ask)
        except NoPlaceError:
            form.add_error(None, _("Three are named. End one first."))
    return _deputies_page(request, place, form, status=422)


def _deputies_page(request: SignedInRequest, place: Place, form: UrgentDeputyForm, status: int = 200) -> HttpResponse:
    named = deputies_of(place.school, by=request.actor)
    context = {"hat": Hat.STAFF, "place": place, "form": form, "named": named, "is_full": len(named) >= PLACES}
    return render(request, "messaging/urgent_deputies.html", context, status=status)


@access.declares("Whoever holds the signed link of a mail: says for that person that the message was read; no sign-in.")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def say_read(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, because scanners follow links. It shows the title and nothing else of Kring,
    and no title that says a name that may not be used any more.
    """
    link = or_404(read_link_of(token))
    with translation.override(link.user.language):
        post = message_behind(link, now=request.now)
        actor = Actor(link.user, Hat.FAMILY, request.now)
        if post and request.method == "POST":
            note_read(post, by=actor)
            return redirect(f"{request.path}?{SAID}")
        context = {"post": post, "is_said": SAID in request.GET}
        if post and names_lost([post], now=request.now):
            opens = Post.objects.visible_to(actor).filter(pk=post.pk).exists()
            context |= {"is_spared": True, "opens": opens}
        return render(request, "messaging/read_by_mail.html", context, status=200 if post else 410)
