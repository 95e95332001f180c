"""Answering what is asked, from the board or from the message; and what staff read of the answers."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups.roles import Hat
from messaging.asks.domain import NO, NOT_YET, YES, YES_NO
from messaging.asks.forms import AskAnswerForm
from messaging.asks.policies import reads_answers
from messaging.asks.services import AskedOtherwiseError, answer_ask, heard_from
from messaging.writings.models import Post
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.request import SignedInRequest

BOARD = "bord"
"""Where the answers are on a page; with it, or without, in the form that answers: the page to go back to."""


@access.declares("Parents and daily carers, at home: for the own children in a group of the message.")
@require_POST
def answer(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if hat != Hat.FAMILY:
        raise Http404
    post = visible_written(request, hat, Post, uid)
    form = AskAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Your answer did not come through. Give it once more."))
        return _back(request, hat, form, uid)
    chosen, child = form.cleaned_data["answer"], form.cleaned_data["kind"]
    try:
        answer_ask(
            post=post,
            answer=chosen,
            ask_on=form.cleaned_data["on"],
            children=[child] if child else None,
            by=request.actor.wearing(hat),
        )
    except AskedOtherwiseError:
        messages.error(request, _("What is asked has changed, or the time to answer is over."))
        return redirect("messaging:post", hat, uid)
    except ValueError:
        messages.error(request, _("Your answer did not come through. Give it once more."))
        return _back(request, hat, form, uid)
    messages.success(request, _("It is back on the board.") if chosen == NOT_YET else _("Your answer has been kept."))
    return _back(request, hat, form, uid)


def _back(request: SignedInRequest, hat: Hat, form: AskAnswerForm, uid: UUID) -> HttpResponse:
    """To where one answered: the board, with the child that was looked at, or the message."""
    if request.POST.get("van") != BOARD:
        return redirect(f"{reverse('messaging:post', args=[hat, uid])}#{BOARD}")
    child = form.cleaned_data["filter"]
    looked_at = f"?kind={child}" if child else ""
    return redirect(f"{reverse('messaging:feed', args=[hat])}{looked_at}#{BOARD}")


@access.declares("Staff who manage the group: what was answered for each child of it, and never by whom.")
@require_safe
def answers(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post = visible_written(request, hat, Post, uid)
    if post.ask != YES_NO or hat != Hat.STAFF:
        raise Http404
    access.demand(reads_answers(request.actor.wearing(hat), post))
    heard = heard_from(post, actor=request.actor.wearing(hat))
    lists = [(answer, [one.child for one in heard if one.answer == answer]) for answer in (YES, NO, NOT_YET)]
    return render(request, "messaging/answers.html", {"hat": hat, "post": post, "lists": lists})
