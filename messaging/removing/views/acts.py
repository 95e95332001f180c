"""What may be done with a message or an answer that stands there: taken back, hidden, shown again. Each asks first."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from groups.roles import Hat
from messaging.removing.forms import WhyForm
from messaging.removing.services import removal
from messaging.removing.services.removal import retract_post, retract_written
from messaging.removing.views.not_now import NOT_NOW, done_before, gone, missed, not_now
from messaging.talks.views.talking import stands_still
from messaging.writings.models import Message, Post, Writing
from messaging.writings.services.written import NameInItError, hide_written, show_written
from messaging.writings.views.asking import ask_first, names_of
from messaging.writings.views.finding import thread_url, visible_written
from portal.core import access
from portal.core.request import SignedInRequest
from portal.core.words import Words


@dataclass(frozen=True)
class Act:
    """One act: the power it takes, the service that does it, and its button; the kind has the words around it.

    `is_told`: who wrote it reads why. `again` is for who is second: nothing was done now, and nobody was told.
    """

    power: str
    do: Callable[..., object]
    button: Words
    is_told: bool = False
    again: Words = ""


ACTS = {
    "hide": Act(
        "may_hide",
        hide_written,
        gettext_lazy("Hide"),
        is_told=True,
        again=gettext_lazy("This was put away already. Its writer read why then; your words were not sent."),
    ),
    "show": Act("may_show", show_written, gettext_lazy("Show again"), again=gettext_lazy("This was put back already.")),
    "retract": Act("may_retract", retract_written, gettext_lazy("Yes, take it away")),
}
PLACE_NOW = gettext_lazy("Place now")
"""The button of what was held before its moment: nobody has read it, so it is not shown again."""


@access.declares("The group's administrators and the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def hide(request: SignedInRequest, hat: Hat, uid: UUID, kind: type[Writing] = Post) -> HttpResponse:
    return _moderate(request, hat, kind, uid, "hide")


@access.declares("The group's administrators and the directie; what the directie hid only the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: SignedInRequest, hat: Hat, uid: UUID, kind: type[Writing] = Post) -> HttpResponse:
    return _moderate(request, hat, kind, uid, "show")


@access.declares("The author, any time.")
@require_http_methods(["GET", "HEAD", "POST"])
def retract_one(request: SignedInRequest, hat: Hat, uid: UUID, kind: type[Writing]) -> HttpResponse:
    """A text that was written to one place."""
    return _taken_back(request, hat, kind, uid) or _ask_then_do(
        request, hat, visible_written(request, hat, kind, uid), "retract"
    )


def _moderate(request: SignedInRequest, hat: Hat, kind: type[Writing], uid: UUID, name: str) -> HttpResponse:
    if removed := _removed(request, hat, kind, uid):
        return removed
    try:
        written = visible_written(request, hat, kind, uid)
    except Http404:
        return missed(request, hat, kind, uid)
    return _ask_then_do(request, hat, written, name)


def _removed(request: SignedInRequest, hat: Hat, kind: type[Writing], uid: UUID) -> HttpResponse | None:
    """Somebody was first, for good: where it stood, with a word."""
    if request.method != "POST":
        return None
    met = kind.rows().met_by(request.actor.wearing(hat)).select_related(*kind.fetched_with).filter(uid=uid).first()
    return gone(request, met, met.page_in(hat)) if met and met.is_removed else None


def _taken_back(
    request: SignedInRequest, hat: Hat, kind: type[Writing], uid: UUID, *, to: str = ""
) -> HttpResponse | None:
    """A double click, or the back button: taken back once, and said. `to` where it stood, or another page."""
    if request.method != "POST":
        return None
    mine = kind.rows().taken_back_by(request.actor.wearing(hat)).select_related(*kind.fetched_with)
    taken = mine.filter(uid=uid).first()
    if taken is None:
        return None
    messages.info(request, _("This was taken away already."))
    return redirect(to, hat) if to else redirect(taken.page_in(hat))


def _ask_then_do(request: SignedInRequest, hat: Hat, written: Writing, name: str) -> HttpResponse:
    act, asked, button = ACTS[name], written.words.asks[name], ACTS[name].button
    if name == "show" and written.begins_when_shown(request.now):
        asked, button = written.words.asks["place"], PLACE_NOW
    access.demand(getattr(written, act.power))
    typed = request.POST if request.method == "POST" else None
    form = WhyForm(typed, is_own=not act.is_told or written.author_id == request.user.pk)
    if not form.is_valid():
        words = {"title": str(asked.title), "text": str(asked.text), "button": str(button)}
        return ask_first(request, hat, written, **words, form=form)
    if act.again and written.is_hidden == (name == "hide"):
        verb = f"{written.kind}.{'hidden' if name == 'hide' else 'shown'}"
        messages.warning(request, done_before(request, written, verb, str(act.again)))
        return redirect(written.page_in(hat))
    why = {"said": form.said} if form.said else {}
    try:
        act.do(written=written, by=request.actor.wearing(hat), **why)
    except NOT_NOW:
        return not_now(request, written.page_in(hat))
    except NameInItError:
        messages.error(request, _("A child in it may not be named now. Its writer changes that first."))
        return redirect(written.page_in(hat))
    messages.success(request, str(asked.done))
    return redirect(written.page_in(hat))


@access.declares("The author, until its moment.")
@require_POST
def call_back(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if taken_back := _taken_back(request, hat, Post, uid, to="messaging:compose"):
        return taken_back
    post = visible_written(request, hat, Post, uid)
    access.demand(post.may_retract)
    try:
        removal.call_back(post=post, by=request.actor.wearing(hat))
    except removal.TooLateToCallBackError:
        messages.info(request, _("It is there already. You can change it, or take it away."))
        return redirect("messaging:post", hat, uid)
    except NOT_NOW:
        return not_now(request, post.page_in(hat))
    messages.success(request, _("It was not placed."))
    return redirect("messaging:compose", hat)


@access.declares("The author, any time.")
@require_http_methods(["GET", "HEAD", "POST"])
def retract(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if taken_back := _taken_back(request, hat, Post, uid, to="messaging:feed"):
        return taken_back
    post = visible_written(request, hat, Post, uid)
    access.demand(post.may_retract)
    own = Post.objects.retractable_by(request.actor.wearing(hat)).together_with(post)
    groups = [twin.group for twin in own.select_related("group").order_by("pk")]
    chose, asked = len(groups) < 2 or "sure" in request.POST, post.words.asks["retract"]
    if request.method == "POST" and chose:
        try:
            retract_post(post=post, by=request.actor.wearing(hat), together="together" in request.POST)
        except NOT_NOW:
            return not_now(request, post.page_in(hat))
        messages.success(request, str(asked.done))
        return redirect("messaging:feed", hat)
    return ask_first(
        request,
        hat,
        post,
        title=str(asked.title),
        text=str(asked.text),
        button=str(ACTS["retract"].button),
        together=names_of(groups) if len(groups) > 1 else "",
    )


@access.declares("The author, any time, while in the conversation.")
@require_http_methods(["GET", "HEAD", "POST"])
def retract_message(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if taken_back := _taken_back(request, hat, Message, uid):
        return taken_back
    message = visible_written(request, hat, Message, uid)
    is_own = message.author_id == request.user.pk and not message.may_retract
    if is_own and message.thread and (stopped := stands_still(request, hat, message.thread)):
        return stopped
    access.demand(message.may_retract)
    if request.method != "POST":
        context = {"hat": hat, "message": message, "back_url": thread_url(hat, message)}
        return render(request, "messaging/retract_message.html", context)
    try:
        retract_written(written=message, by=request.actor.wearing(hat))
    except NOT_NOW:
        return not_now(request, thread_url(hat, message))
    messages.success(request, _("Your message has been taken away."))
    return redirect(thread_url(hat, message))
