"""The directie in a conversation: asked in by who is in it; freezing, opening again and closing. Each asks first."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.talks.forms import WordForm
from messaging.talks.models import Thread, ThreadState
from messaging.talks.services import threads_steering
from messaging.talks.services.threads_steering import ThreadOverError
from messaging.talks.views.talking import thread_to_act_on
from portal.core import access
from portal.core.request import SignedInRequest


@dataclass(frozen=True)
class Steering:
    """One act of the directie: the service, the state it leads to, the question before it and the word after it."""

    do: Callable[..., object]
    state: ThreadState
    title: Promise
    lines: tuple[Promise, ...]
    button: Promise
    done: Promise


FREEZE = Steering(
    threads_steering.freeze_thread,
    ThreadState.FROZEN,
    gettext_lazy("Freeze this conversation?"),
    (
        gettext_lazy("Nobody writes in it any more, you neither. What was said stays as it is."),
        gettext_lazy("Everybody in it sees that you did this, and gets a mail. You can open it again."),
    ),
    gettext_lazy("Freeze"),
    gettext_lazy("The conversation is frozen."),
)
REOPEN = Steering(
    threads_steering.reopen_thread,
    ThreadState.OPEN,
    gettext_lazy("Open this conversation again?"),
    (gettext_lazy("Everybody in it can write again. You keep reading along."),),
    gettext_lazy("Open again"),
    gettext_lazy("The conversation is open again."),
)
CLOSE = Steering(
    threads_steering.close_thread,
    ThreadState.CLOSED,
    gettext_lazy("Close this conversation for good?"),
    (
        gettext_lazy("Nobody writes in it ever again. Everybody in it keeps reading."),
        gettext_lazy("Everybody in it reads your word. You cannot undo this."),
    ),
    gettext_lazy("Close for good"),
    gettext_lazy("The conversation is closed."),
)


@access.declares("A parent or a teacher who writes in the conversation, while there is a directie to ask.")
@require_http_methods(["GET", "HEAD", "POST"])
def join_directie(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    thread = thread_to_act_on(request, hat, uid)
    if thread.directie_since is None:
        access.demand(thread.may_join)
        if request.method != "POST":
            return _join_page(request, hat, thread)
        threads_steering.join_directie(thread=thread, by=request.actor.wearing(hat))
    messages.success(request, _("From now on the management reads along."))
    return redirect("messaging:thread", hat, uid)


def _join_page(request: SignedInRequest, hat: Hat, thread: Thread) -> HttpResponse:
    context = {
        "hat": hat,
        "thread": thread,
        "title": _("Bring in the management?"),
        "lines": [
            _("The management of the school then reads everything in this conversation, also what was said before."),
            _("Everybody in it gets a mail. You cannot undo this."),
        ],
        "button": _("Yes, bring in the management"),
        "back_url": reverse("messaging:thread", args=[hat, thread.uid]),
    }
    return render(request, "messaging/steer.html", context)


@access.declares("The directie that was asked in, and is no party: nobody writes any more.")
@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    return _steer(request, hat, uid, FREEZE)


@access.declares("The directie that was asked in, and is no party: everybody writes again.")
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    return _steer(request, hat, uid, REOPEN)


@access.declares("The directie that was asked in, and is no party: closed for good, with a word.")
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    return _steer(request, hat, uid, CLOSE)


def _steer(request: SignedInRequest, hat: Hat, uid: UUID, act: Steering) -> HttpResponse:
    """Ask, then do it; what another member of the directie did meanwhile is said, and nothing is done twice."""
    thread = thread_to_act_on(request, hat, uid)
    access.demand(thread.may_steer)
    back = reverse("messaging:thread", args=[hat, uid])
    if thread.state in (act.state, ThreadState.CLOSED):
        messages.info(request, _already(thread.state))
        return redirect(back)
    form = WordForm(request.POST if request.method == "POST" else None, is_asked=act is CLOSE)
    if request.method == "POST" and form.is_valid():
        try:
            act.do(thread=thread, word=form.cleaned_data["word"], by=request.actor)
        except ThreadOverError:
            messages.info(request, _already(ThreadState.CLOSED))
        else:
            messages.success(request, str(act.done))
        return redirect(back)
    context = {
        "hat": hat,
        "thread": thread,
        "title": str(act.title),
        "lines": [str(line) for line in act.lines],
        "button": str(act.button),
        "is_for_good": act is CLOSE,
        "form": form,
        "back_url": back,
    }
    return render(request, "messaging/steer.html", context, status=422 if request.method == "POST" else 200)


def _already(state: str) -> str:
    words = {
        ThreadState.OPEN: _("This conversation was open already."),
        ThreadState.FROZEN: _("This conversation was frozen already."),
        ThreadState.CLOSED: _("This conversation was closed already."),
    }
    return words[ThreadState(state)]
