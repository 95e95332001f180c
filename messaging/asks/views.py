"""Answering what is asked, from the board or from the message; and what staff read of the answers."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.roles import Hat
from messaging.asks.domain import ANSWERS, NOT_YET, OF_THE_CHILD
from messaging.asks.forms import AskAnswerForm
from messaging.asks.policies import reads_answers
from messaging.asks.services.answering import AskedOtherwiseError, answer_ask, export_answers, heard_from
from messaging.asks.services.links import answer_link_of, asked_by
from messaging.writings.models import Post
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.downloads import csv_file
from portal.core.request import SignedInRequest, or_404

KEPT = "bewaard"
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


@access.declares("Whoever holds the signed link of a mail: answers that one question for that person; no sign-in.")
@login_not_required
@require_http_methods(["GET", "POST"])
def answer_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and changes nothing, because scanners follow links.

    It shows nothing else of Kring and names no child: who has the link may be anybody.
    """
    link = or_404(answer_link_of(token))
    actor = Actor(link.user, Hat.FAMILY, request.now)
    with translation.override(link.user.language):
        form, found = AskAnswerForm(request.POST if request.method == "POST" else None), asked_by(link, actor=actor)
        if found and form.is_valid() and _keep_by_mail(found[0], form, actor):
            return redirect(f"{request.path}?{KEPT}")
        context = {"ask": found[1] if found else None, "is_kept": KEPT in request.GET}
        status = 410 if found is None else 422 if form.is_bound else 200
        return render(request, "messaging/answer_by_mail.html", context | {"is_refused": form.is_bound}, status=status)


def _keep_by_mail(post: Post, form: AskAnswerForm, actor: Actor) -> bool:
    """Whether the answer counts; not where the question is another by now, or the time is over."""
    try:
        answer_ask(
            post=post,
            answer=form.cleaned_data["answer"],
            ask_on=form.cleaned_data["on"],
            by=actor,
        )
    except (PermissionDenied, ValueError):
        return False
    return True


@access.declares("Staff who manage the group: what was answered for each child of it, and never by whom.")
@require_safe
def answers(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post, actor = _asking_of_each(request, hat, uid), request.actor.wearing(hat)
    access.demand(reads_answers(actor, post))
    heard = heard_from(post, actor=actor)
    lists = [(answer, [one.child for one in heard if one.answer == answer]) for answer in _answers_to(post)]
    return render(request, "messaging/answers.html", {"hat": hat, "post": post, "lists": lists})


@access.declares("Staff who manage the group: the same list as a file; written down.")
@require_POST
def answers_csv(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post = _asking_of_each(request, hat, uid)
    said = {answer: render_to_string("messaging/_said.html", {"answer": answer}) for answer in _answers_to(post)}
    rows = [[one.child.full_name, said[one.answer]] for one in export_answers(post, actor=request.actor.wearing(hat))]
    return csv_file("antwoorden", [[_("Child"), _("Answer")], *rows])


def _asking_of_each(request: SignedInRequest, hat: Hat, uid: UUID) -> Post:
    """A message that asks something of each child, as its staff find it; 404 for any other."""
    post = visible_written(request, hat, Post, uid)
    if post.ask not in OF_THE_CHILD or hat != Hat.STAFF:
        raise Http404
    return post


def _answers_to(post: Post) -> list[str]:
    return [*ANSWERS[post.ask], NOT_YET]
