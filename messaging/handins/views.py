"""Drafts handed in: the form, what waits for the reader, the own drafts, one draft and what can be done with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from groups.models import Group
from groups.records.addresses import DESK, HOME
from groups.records.policies import directs_somewhere
from groups.roles import PUBLISH, SUBMIT, Hat
from messaging.handins.domain import difference
from messaging.handins.forms import HandinForm, PlacedHandinForm
from messaging.handins.models import Handin, HandinKind, HandinState
from messaging.handins.querysets import HandinQuerySet
from messaging.handins.services import handins
from messaging.handins.services.handin_reading import difference_of, find_handin, is_taken_back, pictures_for
from messaging.keeping.services import ANEW, CAME_WITH, HAND_IN, kept, tab_of
from messaging.keeping.views import arrived
from messaging.photos.domain import Picture
from messaging.photos.services.placements import pictures_of, still_placeable
from messaging.photos.views.picking import Picks, complain, photo_context, picks_of, pictures_in
from messaging.posts.forms import content_of
from messaging.posts.services.posts import planned_for
from messaging.posts.views.drafting import (
    CANNOT_GO,
    at_work,
    draft_in,
    is_between_years,
    say_why,
    typed_in,
    wait_for_groups,
)
from messaging.writings.domain.text import CONTENT
from messaging.writings.models import Post, Replies, Topic, WritingVersion
from messaging.writings.services.audience import audience_of
from messaging.writings.views.naming import NOT_CHILD
from portal.core import access
from portal.core.actor import Actor
from portal.core.addresses import address_of
from portal.core.paging import paged
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError
from portal.core.templatetags.kring import ahead
from portal.core.versions import EditedMeanwhileError

CHANGED_ELSEWHERE = gettext_lazy("You changed this draft in another window. Look at it there first.")
PLACED_ALREADY = gettext_lazy("This message is placed already. What you typed here is not in it.")
TYPED = (*CONTENT, "key", CAME_WITH, "declared", "word", "behalf")


class OnBehalf(NamedTuple):
    """On whose behalf somebody can hand in a message for the whole school."""

    value: str
    label: str
    kind: str
    group: Group
    council: Group | None


def _choices(request: SignedInRequest, hat: Hat) -> list[OnBehalf]:
    """As whom somebody hands in; without any this page does not exist."""
    choices = _behalves(request, hat)
    if not choices:
        raise Http404
    return choices


def _behalves(request: SignedInRequest, hat: Hat) -> list[OnBehalf]:
    """Each council the user sits in, then the user as one of the staff who do not place for the whole school."""
    user, now = request.user, request.now
    schools = Group.objects.permitting(Actor(user, hat, now), SUBMIT).filter(kind="school").select_related("school")
    places = Group.objects.writable_by(Actor(user, hat, now))
    writable = set(places.values_list("pk", flat=True))
    councils = list(places.filter(kind="council").in_reading_order())
    choices = []
    for group in schools.in_reading_order():
        for council in councils:
            if (council.school_id, council.school_year_id) == (group.school_id, group.school_year_id):
                behalf = _("On behalf of the %(council)s") % {"council": council.label or council.name}
                choices.append(OnBehalf(str(council.uid), behalf, HandinKind.COUNCIL, group, council))
        if hat == Hat.STAFF and group.pk not in writable:
            choices.append(OnBehalf(str(group.uid), _("Under my own name"), HandinKind.SCHOOL, group, None))
    return choices


@access.takes_files
@access.declares("Council members, and staff who do not place for the whole school: hand in a message for it.")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: SignedInRequest, hat: Hat) -> HttpResponse:
    if is_between_years(request, hat, SUBMIT):
        return wait_for_groups(request, hat)
    choices = _choices(request, hat)
    named = [(choice.value, choice.label) for choice in choices]
    if request.method != "POST":
        return _begin(request, hat, choices, named)
    chosen = next((one for one in choices if one.value == request.POST.get("behalf")), choices[0])
    picks = picks_of(request, hat, chosen.group.school)
    if picks.is_only_photos:
        form = HandinForm(initial=typed_in(request.POST, TYPED), behalf=named)
        return _hand_in_page(request, hat, choices, form, picks)
    form = HandinForm(request.POST, behalf=named)
    complain(form, picks)
    if form.is_valid():
        try:
            handin = handins.hand_in(
                kind=chosen.kind,
                group=chosen.group,
                council=chosen.council,
                draft=draft_in(request, form, picks),
                word=form.cleaned_data["word"],
                by=request.actor.wearing(hat),
                submission_key=form.cleaned_data["key"],
            )
        except AlreadySubmittedError as first:
            arrived(request, hat, HAND_IN, _("This draft had been handed in already."), level=messages.INFO)
            return redirect("messaging:handin", hat, first.subject_uid)
        except CANNOT_GO as refused:
            say_why(form, refused, picks, hat)
        else:
            arrived(request, hat, HAND_IN, _("Handed in. You get a mail when there is an answer."))
            return redirect("messaging:handin", hat, handin.uid)
    return _hand_in_page(request, hat, choices, form, picks, status=422)


def _begin(request: SignedInRequest, hat: Hat, choices: list[OnBehalf], named: list[tuple[str, str]]) -> HttpResponse:
    """An empty form, or the draft that was not finished, as it was kept."""
    start: dict[str, object] = {"topic": "notice", "replies": Replies.OFF, "behalf": choices[0].value}
    before = kept(HAND_IN, by=request.actor.wearing(hat), tab=tab_of(request.GET), is_anew=ANEW in request.GET)
    if before is None:
        return _hand_in_page(request, hat, choices, HandinForm(initial=start, behalf=named), Picks())
    form = HandinForm(initial=start | typed_in(before.fields, TYPED), behalf=named)
    return _hand_in_page(request, hat, choices, form, Picks(pictures_in(before.fields)), kept_at=before.at)


def _hand_in_page(
    request: SignedInRequest,
    hat: Hat,
    choices: list[OnBehalf],
    form: HandinForm,
    picks: Picks,
    status: int = 200,
    kept_at: datetime | None = None,
) -> HttpResponse:
    groups = [choices[0].group]
    pictures = still_placeable(picks.pictures, user=request.user)
    context = {
        "hat": hat,
        "form": form,
        "only": choices[0] if len(choices) == 1 else None,
        "kept_at": kept_at,
        "keep_url": reverse("messaging:keep_text", args=[hat, HAND_IN]),
        "not_children": request.POST.getlist(NOT_CHILD),
        "audience": audience_of(groups, now=request.now),
        **photo_context(request, hat, groups, pictures, picks),
    }
    return render(request, "messaging/hand_in.html", context, status=status)


@access.declares("Everybody signed in, in that hat: the own drafts that were handed in.")
@require_safe
def drafts(request: SignedInRequest, hat: Hat) -> HttpResponse:
    if not _has_list(request, hat):
        if is_between_years(request, hat, PUBLISH, SUBMIT):
            return wait_for_groups(request, hat)
        raise Http404
    page = paged(_own_drafts(request, hat).order_by("-changed_at", "-pk"), request)
    directs = hat == Hat.STAFF and directs_somewhere(request.actor)
    context = {"hat": hat, "page": page, "submits": bool(_behalves(request, hat)), "directs": directs}
    return render(request, "messaging/drafts.html", context)


def _own_drafts(request: SignedInRequest, hat: Hat) -> HandinQuerySet[Handin]:
    writer = request.actor.wearing(hat)
    return Handin.objects.written_by(writer).whose_message_stands(writer).select_related("post__group", "council")


def _has_list(request: SignedInRequest, hat: Hat) -> bool:
    places = Group.objects.writable_by(request.actor.wearing(hat))
    return places.exists() or bool(_behalves(request, hat)) or _own_drafts(request, hat).exists()


def _found(request: SignedInRequest, hat: Hat, uid: UUID) -> Handin | None:
    """None when its writer took it back, for the writer and for who would judge it."""
    actor = request.actor.wearing(hat)
    draft = find_handin(uid, actor=actor)
    if draft is None and not is_taken_back(uid, actor=actor):
        raise Http404
    return draft


def _taken_back(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    """Where its writer, or who would judge it, goes on when the draft is not there any more."""
    if Handin.objects.taken_back_for(request.actor.wearing(hat)).filter(uid=uid, post__author=request.user).exists():
        messages.info(request, _("You had taken this draft back already."))
        return _own_list(request, hat)
    messages.info(request, _("Whoever wrote this draft took it back. There is nothing left to do."))
    return redirect(address_of(DESK))


def _own_list(request: SignedInRequest, hat: Hat) -> HttpResponse:
    """What one handed in; without anything there, and with nothing to hand in, that page does not exist."""
    return redirect("messaging:drafts", hat) if _has_list(request, hat) else redirect(address_of(HOME, hat))


@access.declares("Its writer, and who judges it: an editor, or the directie. Judging while it waits.")
@require_http_methods(["GET", "HEAD", "POST"])
def handin(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    draft = _found(request, hat, uid)
    if draft is None:
        return _taken_back(request, hat, uid)
    if request.method == "POST":
        return _judged(request, hat, draft)
    return _handin_page(request, hat, draft, _draft_form(request, hat, draft))


def _judged(request: SignedInRequest, hat: Hat, draft: Handin) -> HttpResponse:
    if not draft.may_return and draft.state != HandinState.WAITING and draft.post.author_id != request.user.pk:
        return _judged_already(request, hat, draft.uid)
    access.demand(draft.may_return)
    giving_back = request.POST.get("act") == "return"
    is_advice = draft.kind == HandinKind.ADVICE
    form = _draft_form(request, hat, draft, request.POST, only_word=giving_back or is_advice, word_is_asked=giving_back)
    if form.is_valid() and not (giving_back or draft.may_approve):
        return _handin_page(request, hat, draft, form, status=409)
    if form.is_valid():
        try:
            _judge(request, draft, form, giving_back=giving_back)
        except (EditedMeanwhileError, PermissionDenied):
            return _judged_already(request, hat, draft.uid, word=form.cleaned_data["word"])
        except CANNOT_GO as refused:
            say_why(form, refused, Picks(_kept_pictures(request, draft)), hat)
        else:
            return redirect(address_of(DESK))
    return _handin_page(request, hat, draft, form, status=422)


def _draft_form(
    request: SignedInRequest,
    hat: Hat,
    draft: Handin,
    sent: QueryDict | None = None,
    typed: Mapping[str, object] | None = None,
    only_word: bool = False,
    word_is_asked: bool = False,
) -> HandinForm:
    """What is sent about a draft, or what stands in it with what was `typed` since; with when, for who may place it."""
    start = typed if typed is not None else {**content_of(draft.post), "version": draft.version}
    if not (draft.may_place or (draft.may_approve and draft.kind != HandinKind.ADVICE)):
        return HandinForm(sent, initial=start, only_word=only_word, word_is_asked=word_is_asked)
    back = at_work(request, hat, draft.school)
    return PlacedHandinForm(
        sent, initial=start, now=request.now, at_work=back, only_word=only_word, word_is_asked=word_is_asked
    )


def _kept_pictures(request: SignedInRequest, draft: Handin) -> list[Picture]:
    """Who judges may leave photos out, and puts none in."""
    chosen = request.POST.getlist("photo")
    return [picture for picture in pictures_of(draft.post) if str(picture.uid) in chosen]


def _judge(request: SignedInRequest, draft: Handin, form: HandinForm, *, giving_back: bool) -> None:
    how = {"handin": draft, "version": form.cleaned_data["version"], "by": request.actor}
    word = form.cleaned_data["word"]
    if giving_back:
        proposed = handins.Draft(form.content) if form.has_words else None
        handins.return_handin(**how, word=word, draft=proposed)
        messages.success(request, _("Given back. The writer gets a mail."))
    elif draft.kind == HandinKind.ADVICE:
        handins.agree_handin(**how, word=word)
        messages.success(request, _("The writer gets a mail that it may be placed."))
    else:
        chosen = handins.Draft(
            form.content,
            pictures=_kept_pictures(request, draft),
            not_children=request.POST.getlist(NOT_CHILD),
        )
        placed = handins.approve_handin(**how, draft=chosen, word=word, at=_moment_of(form))
        messages.success(request, _placed_when(placed.post, request.now))


def _placed_when(post: Post, now: datetime) -> str:
    if planned_for(post.placed_at, now=now):
        return _("It will be there %(when)s. The writer gets a mail.") % {"when": ahead(post.placed_at, now)}
    return _("Placed. The writer gets a mail.")


def _judged_already(request: SignedInRequest, hat: Hat, uid: UUID, word: str = "") -> HttpResponse:
    """What stands there now: somebody else's answer, or what its writer changed; or that it was taken back just now.

    While it can be judged still, the `word` that was typed stays.
    """
    draft = _found(request, hat, uid)
    if draft is None:
        return _taken_back(request, hat, uid)
    if draft.may_return:
        messages.info(request, _("This draft was changed in the meantime. Read it once more."))
        now = content_of(draft.post) | {"version": draft.version, "word": word}
        return _handin_page(request, hat, draft, _draft_form(request, hat, draft, typed=now), status=409)
    messages.info(request, _("Somebody else gave an answer in the meantime. It stands below."))
    return redirect("messaging:handin", hat, uid)


def _handin_page(
    request: SignedInRequest, hat: Hat, draft: Handin, form: HandinForm, status: int = 200
) -> HttpResponse:
    changes = difference_of(draft)
    context = {
        "hat": hat,
        "draft": draft,
        "post": draft.post,
        "form": form,
        "is_writer": draft.post.author_id == request.user.pk and draft.post.hat == hat,
        "steps": list(draft.steps.order_by("number")),
        "changes": changes,
        "chosen": difference(_chosen_in(changes.before), _chosen_in(changes.after)) if changes else [],
        "pictures": pictures_for(draft, actor=request.actor.wearing(hat)),
        "not_children": request.POST.getlist(NOT_CHILD),
        "audience": audience_of([draft.post.group], now=request.now),
    }
    return render(request, "messaging/handin.html", context, status=status)


def _chosen_in(said: WritingVersion) -> str:
    """What stands beside the words of a draft: what it asks, of what kind it is, and who may reply."""
    context = {"said": said, "topic": Topic(said.topic).label, "replies": Replies(said.replies).label}
    context |= {name: " · ".join(getattr(said, name).splitlines()) for name in ("options", "tasks")}
    return " ".join(render_to_string("messaging/_chosen_in.txt", context).split())


@access.takes_files
@access.declares("The writer of a draft that came back: changes it, hands it in again, or places it in the own group.")
@require_http_methods(["GET", "HEAD", "POST"])
def change_handin(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    draft = _found(request, hat, uid)
    if draft is None:
        return _taken_back(request, hat, uid)
    if not draft.may_change:
        return _sent_already(request, hat, draft)
    if request.method == "POST":
        return _changed(request, hat, draft)
    return _change_page(request, hat, draft, _draft_form(request, hat, draft), Picks(pictures_of(draft.post)))


def _changed(request: SignedInRequest, hat: Hat, draft: Handin) -> HttpResponse:
    picks = picks_of(request, hat, draft.school)
    if picks.is_only_photos:
        form = _draft_form(request, hat, draft, typed=typed_in(request.POST, (*TYPED, "version", "when", "at")))
        return _change_page(request, hat, draft, form, picks)
    form = _draft_form(request, hat, draft, request.POST)
    complain(form, picks)
    if form.is_valid():
        try:
            return _change(request, hat, draft, form, picks)
        except EditedMeanwhileError:
            form.add_error(None, CHANGED_ELSEWHERE)
            return _change_page(request, hat, draft, form, picks, status=409)
        except PermissionDenied:
            return _changed_meanwhile(request, hat, draft.uid)
        except CANNOT_GO as refused:
            say_why(form, refused, picks, hat)
    return _change_page(request, hat, draft, form, picks, status=422)


def _changed_meanwhile(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    """Two presses in one moment: the other one came first."""
    draft = _found(request, hat, uid)
    return _taken_back(request, hat, uid) if draft is None else _sent_already(request, hat, draft)


def _sent_already(request: SignedInRequest, hat: Hat, draft: Handin) -> HttpResponse:
    """Two presses, or Back, lead to the draft as it went; other words stay where they were typed."""
    is_sent = draft.state in (HandinState.WAITING, HandinState.PLACED)
    access.demand(is_sent and draft.post.author_id == request.user.pk)
    if request.method != "POST":
        return redirect("messaging:handin", hat, draft.uid)
    form, picks = HandinForm(request.POST), picks_of(request, hat, draft.school)
    try:
        said = handins.Draft(form.content).content if form.is_valid() else None
    except CANNOT_GO:
        said = None
    if said and all(getattr(draft.post, name) == value for name, value in said.items()):
        return redirect("messaging:handin", hat, draft.uid)
    form.add_error(None, PLACED_ALREADY if draft.state == HandinState.PLACED else CHANGED_ELSEWHERE)
    return _change_page(request, hat, draft, form, picks, status=409)


def _change(request: SignedInRequest, hat: Hat, draft: Handin, form: HandinForm, picks: Picks) -> HttpResponse:
    version, new = form.cleaned_data["version"], draft_in(request, form, picks)
    by = request.actor.wearing(hat)
    if request.POST.get("act") == "place":
        handins.place_handin(handin=draft, version=version, draft=new, at=_moment_of(form), by=by)
        messages.success(request, _("The message is ready."))
        return redirect("messaging:post", hat, draft.post.uid)
    word = form.cleaned_data["word"]
    handins.hand_in_again(handin=draft, version=version, draft=new, word=word, by=by)
    messages.success(request, _("Handed in. You get a mail when there is an answer."))
    return redirect("messaging:handin", hat, draft.uid)


def _moment_of(form: HandinForm) -> datetime | None:
    return form.placed_at if isinstance(form, PlacedHandinForm) else None


def _change_page(
    request: SignedInRequest, hat: Hat, draft: Handin, form: HandinForm, picks: Picks, status: int = 200
) -> HttpResponse:
    pictures = still_placeable(picks.pictures, user=request.user, post=draft.post)
    context = {
        "hat": hat,
        "draft": draft,
        "form": form,
        "not_children": request.POST.getlist(NOT_CHILD),
        "audience": audience_of([draft.post.group], now=request.now),
        **photo_context(request, hat, [draft.post.group], pictures, picks),
    }
    return render(request, "messaging/change_handin.html", context, status=status)


@access.declares("The writer of a draft, until it is placed.")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_handin(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    draft = _found(request, hat, uid)
    if draft is None:
        return _taken_back(request, hat, uid)
    if draft.state == HandinState.PLACED and draft.post.author_id == request.user.pk:
        messages.info(request, _("This draft has been placed already."))
        return redirect("messaging:handin", hat, uid)
    access.demand(draft.may_withdraw)
    if request.method != "POST":
        back = reverse("messaging:handin", args=[hat, uid])
        return render(request, "messaging/withdraw_handin.html", {"hat": hat, "draft": draft, "back_url": back})
    try:
        handins.withdraw_handin(handin=draft, by=request.actor.wearing(hat))
    except PermissionDenied:
        return redirect("messaging:withdraw_handin", hat, uid)
    messages.success(request, _("Your draft has been taken back. Nobody finds it any more."))
    return _own_list(request, hat)
